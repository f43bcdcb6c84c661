mod javascript;
mod nesting;
mod python;
mod text;
