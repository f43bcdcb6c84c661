//! Tests of the analysis room.

mod archives;
mod pages;
mod variants;
