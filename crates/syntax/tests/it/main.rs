mod javascript;
mod javascript_folds;
mod nesting;
mod powershell;
mod python;
mod shell;
mod summary;
mod text;
