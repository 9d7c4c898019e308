//! Starts a PostgreSQL for one run of the tests, as their runner's setup script. It stays until the runner ends,
//! however that is, in a process of its own.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "what it says is for its runner")]

use std::{
    env,
    error::Error,
    fs::OpenOptions,
    io::{BufRead, BufReader, Write},
    os::unix::process::CommandExt,
    process::{Command, ExitCode, Stdio},
};

use flowbit_cluster::{Cluster, Durability, VARIABLE};
use rustix::{
    event::{PollFd, PollFlags, poll},
    process::{Pid, PidfdFlags, getppid, pidfd_open},
};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

fn main() -> ExitCode {
    let outcome = match env::args().nth(1) {
        Some(runner) => keep(&runner),
        None => start(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // For `start`, which waits for a line.
            println!("{error}");
            eprintln!("flowbit-cluster: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Starts the process that keeps the cluster, and tells the runner what to tell the tests.
fn start() -> Outcome {
    let runner = getppid().ok_or("nobody started this")?;
    let mut keeper = Command::new(env::current_exe()?)
        .arg(runner.as_raw_nonzero().to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // What is typed at the terminal is meant for the runner.
        .process_group(0)
        .spawn()?;
    let mut said = String::new();
    if let Some(out) = keeper.stdout.take() {
        BufReader::new(out).read_line(&mut said)?;
    }
    let Some(name) = said.trim().strip_prefix("ready ") else { return Err(said.trim().into()) };
    let told = format!("{VARIABLE}={name}\n");
    match env::var_os("NEXTEST_ENV") {
        Some(file) => OpenOptions::new().append(true).open(file)?.write_all(told.as_bytes())?,
        None => print!("{told}"),
    }
    Ok(())
}

/// Keeps a cluster until the process `runner` has ended.
fn keep(runner: &str) -> Outcome {
    let runner = runner.parse().ok().and_then(Pid::from_raw).ok_or("that is no process")?;
    let runner = pidfd_open(runner, PidfdFlags::empty())?;
    let cluster = Cluster::start(Durability::None)?;
    println!("ready {}", cluster.name());
    poll(&mut [PollFd::new(&runner, PollFlags::IN)], None)?;
    drop(cluster);
    Ok(())
}
