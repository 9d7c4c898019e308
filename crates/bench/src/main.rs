//! Measures Flowbit: `cargo xtask bench` builds and runs it. Each figure is a ratio within one run,
//! so that it means the same on another machine; the figures behind it are given too.

/// The server's own, so that what is measured in this process is what it does.
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

mod creates;
mod desk;
mod eye;
mod http;
mod lists;
mod moving;
mod postgres;
mod report;
mod server;
mod sockets;
mod start;

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(about = "Measure Flowbit: ratios within one run")]
struct Cli {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Run the measurements
    Run {
        /// The flowbit binary, built for release
        #[arg(long)]
        flowbit: PathBuf,
        /// The Node program that fans out with the official Socket.IO server
        #[arg(long)]
        node_server: Option<PathBuf>,
        /// The Node program that looks at the desk in a browser
        #[arg(long)]
        eye: Option<PathBuf>,
        /// On PostgreSQL, with the embedded engine beside it
        #[arg(long)]
        postgres: bool,
        /// With --postgres: how large what is filled is
        #[arg(long, value_enum, default_value = "usual")]
        scale: postgres::Scale,
        /// Only these: lists, creates, sockets, start, moving, eye; with --postgres also search, growth, nodes
        #[arg(long, value_delimiter = ',')]
        only: Vec<String>,
        /// Tickets in the company whose list is read
        #[arg(long, default_value_t = 100_000)]
        tickets: usize,
        /// Seconds for each load
        #[arg(long, default_value_t = 5)]
        seconds: u64,
        /// Write the report (Markdown) here as well
        #[arg(long)]
        out: Option<PathBuf>,
    },
    /// One load of durable creates alone, for a profiler
    Creates {
        /// On PostgreSQL, in a cluster of its own
        #[arg(long)]
        postgres: bool,
        /// Companies that are written to in turns
        #[arg(long, default_value_t = 1)]
        tenants: usize,
        /// Who write at the same time
        #[arg(long, default_value_t = 64)]
        callers: usize,
        /// How long
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
    /// One load of lists alone, on a server that runs, for a profiler
    Lists {
        /// Nothing changes since the last answer, instead of each being read anew
        #[arg(long)]
        unchanged: bool,
        /// Where the server listens; the demo's admin signs in
        #[arg(long)]
        address: std::net::SocketAddr,
        /// How long
        #[arg(long, default_value_t = 5)]
        seconds: u64,
    },
    /// Answer every request with the bytes of a file: what lists are compared with
    Constant {
        /// The body
        #[arg(long)]
        body: PathBuf,
        /// Where to listen
        #[arg(long)]
        listen: std::net::SocketAddr,
    },
}

#[tokio::main]
async fn main() -> Result<()> {
    match Cli::parse().what {
        What::Constant { body, listen } => http::serve_constant(&body, listen).await,
        What::Creates { postgres: true, tenants, callers, seconds } => {
            postgres::creates_alone(tenants, callers, seconds).await
        }
        What::Creates { postgres: false, tenants, callers, seconds } => {
            creates::alone(tenants, callers, seconds).await
        }
        What::Lists { address, seconds, unchanged } => lists::alone(address, seconds, unchanged).await,
        What::Run { flowbit, node_server, eye, postgres, scale, only, tickets, seconds, out } => {
            let wanted = |name: &str| only.is_empty() || only.iter().any(|o| o == name);
            let mut report = report::Report::new();
            if postgres {
                let plan = postgres::Plan { flowbit: &flowbit, scale, tickets, seconds };
                postgres::measure(&mut report, &plan, wanted).await?;
                return report.finish(out.as_deref());
            }
            if wanted("creates") {
                creates::measure(&mut report, seconds).await?;
            }
            if wanted("lists") {
                lists::measure(&mut report, &flowbit, tickets, seconds).await?;
            }
            if wanted("sockets") {
                sockets::measure(&mut report, &flowbit, node_server.as_deref()).await?;
            }
            if wanted("start") {
                start::measure(&mut report, &flowbit).await?;
            }
            if wanted("moving") {
                let folder = tempfile::tempdir()?;
                let site = server::Site::folder(folder.path().join("data"));
                moving::measure(&mut report, &flowbit, &site, tickets).await?;
            }
            if wanted("eye") {
                eye::measure(&mut report, &flowbit, eye.as_deref(), tickets).await?;
            }
            report.finish(out.as_deref())
        }
    }
}
