mod javascript;
mod javascript_folds;
mod nesting;
mod python;
mod text;
