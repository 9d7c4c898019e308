//! What a person types to build, start, test and measure Flowbit: `cargo xtask --help`.
fn main() {}
