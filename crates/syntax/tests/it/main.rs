mod javascript;
mod nesting;
mod text;
