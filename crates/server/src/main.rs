//! The `flowbit` program: everything is in the library, so that tests can start it in-process.

/// Many small answers: mimalloc serves them faster and keeps less than the system's allocator.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    flowbit_server::main()
}
