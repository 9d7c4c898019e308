//! The `flowbit` program: everything is in the library, so that tests can start it in-process.

/// Many small answers: jemalloc serves them faster than the system's allocator, and gives back what is not
/// used, the 19 MiB of each hashed password at once.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> std::process::ExitCode {
    flowbit_server::main()
}
