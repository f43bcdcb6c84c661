//! Source text in, language-neutral behaviours and flows out.
//!
//! The route of a file: its bytes become text ([`text`]), a byte scanner caps the nesting ([`nesting`]), the language's own
//! parser reads it and [`lower`] turns the syntax tree into one small intermediate form ([`ir`]), in which [`eval`] follows
//! values: names to what they mean, constants to what they fold to, data from where it is read to where it goes. Code that
//! was hidden in data becomes a layer, which is read the same way. Third-party syntax trees never leave `lower`.
#![warn(missing_docs)]

pub mod decode;
pub mod eval;
pub mod ir;
pub mod language;
pub mod lower;
pub mod nesting;
pub mod shape;
pub mod surface;
pub mod text;

pub use eval::{Behaviours, Budget, Import, Package, behaviours, behaviours_in};
pub use language::Language;
