mod nesting;
mod text;
