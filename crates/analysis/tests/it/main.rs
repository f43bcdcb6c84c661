//! Tests of the analysis room.

mod archives;
mod pages;
mod sameness;
mod variants;
