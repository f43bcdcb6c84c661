//! Tests of the analysis room.

mod archives;
mod incidents;
mod pages;
mod sameness;
mod traces;
mod variants;
