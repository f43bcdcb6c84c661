mod javascript;
mod javascript_folds;
mod nesting;
mod python;
mod shell;
mod summary;
mod text;
