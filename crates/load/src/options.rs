//! How much is played: what `cargo xtask load` takes and hands on to the program. Declared here once; xtask takes this
//! file in as it is, since it must not wait for a load generator to be built.

/// How long is played, and how large the world is.
#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Options {
    /// How many seconds each scenario is played
    #[arg(long, default_value_t = 30)]
    pub(crate) seconds: u64,
    /// How many users ask at the same time [default: each scenario's]
    #[arg(long)]
    pub(crate) users: Option<usize>,
    /// How many companies there are [default: each scenario's]
    #[arg(long)]
    pub(crate) companies: Option<usize>,
    /// Tickets in the largest company; the others have fewer and fewer
    #[arg(long, default_value_t = 2000)]
    pub(crate) largest: usize,
}
