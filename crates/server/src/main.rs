//! The flowbit binary.
fn main() {}
