//! Tests of the analysis room.

mod pages;
