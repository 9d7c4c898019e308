//! What can be asked for, as `--help` tells it.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::table::parse_delimiter;

/// Where documents come from.
#[derive(Debug, Subcommand)]
pub(in crate::cli) enum ImportCommand {
    /// Companies, people, tickets and history from a MongoDB dump of a ticket desk
    ///
    /// The dump has users.bson, tickets.bson and auditlogs.bson (also .gz) in DIR or in the folder of its
    /// database, and every document says by customerId whose it is. A company is made for each customer;
    /// nobody can sign in to it before its import has come to its end. People sign in with the password that
    /// they have.
    Mongodump(MongodumpArgs),
    /// People and tickets of one company from tables (CSV, UTF-8)
    ///
    /// The first row names the columns. People need an address; tickets an id, a title and a requester (the
    /// address or id of a person).
    Csv(CsvArgs),
    /// Users, tickets and comments of one company from Zendesk's JSON export
    ///
    /// Files of one JSON object a line, or pages such as {"tickets": […]}; folders are looked through.
    Zendesk(ZendeskArgs),
}

#[derive(Debug, Args)]
pub(in crate::cli) struct MongodumpArgs {
    /// The dump's folder
    pub(super) dir: PathBuf,
    /// The company of a customer, and its name [default: made of the customer's id]
    ///
    /// Into a company that was not made by this import, only what is named here is taken.
    #[arg(long = "tenant", value_name = "CUSTOMER=SLUG[,NAME]")]
    pub(super) tenants: Vec<String>,
    /// The language of the companies that are made: en or de
    #[arg(long, default_value = "en", value_parser = ["en", "de"])]
    pub(super) locale: String,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct CsvArgs {
    /// Into which company
    #[arg(long, value_name = "SLUG")]
    pub(super) tenant: String,
    /// The table of people
    #[arg(long, value_name = "FILE")]
    pub(super) people: Option<PathBuf>,
    /// The table of tickets
    #[arg(long, value_name = "FILE")]
    pub(super) tickets: Option<PathBuf>,
    /// What stands between values, such as ; or tab [default: of , ; and tab what makes most columns]
    #[arg(long, value_name = "CHARACTER", value_parser = parse_delimiter)]
    pub(super) delimiter: Option<u8>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(in crate::cli) struct ZendeskArgs {
    /// Into which company
    #[arg(long, value_name = "SLUG")]
    pub(super) tenant: String,
    /// The files, or folders of them
    #[arg(required = true, value_name = "PATH")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Exit codes: 0 all of it is there; 1 refused or failed; 2 wrong usage; 3 some of it was \
    not taken, and the report says what and why.\n\nWhat was taken is remembered: run it again after it broke \
    off, or with another --map, and it takes what is missing."
)]
pub(in crate::cli) struct CommonArgs {
    /// Write nothing, and report what would be
    #[arg(long)]
    pub(super) dry_run: bool,
    /// What the source calls something: ticket.title=subject, status:blocked=waiting
    ///
    /// FIELD=NAME for a field: user., ticket., message. or entry. and what it is here; ticket.custom.NAME=FIELD
    /// keeps one as a custom field. KIND:WORD=MEANING for a word of role, status or priority.
    #[arg(long = "map", value_name = "MAPPING")]
    pub(super) maps: Vec<String>,
    /// Where the clock stood of times that have no offset, such as Europe/Berlin
    #[arg(long, value_name = "ZONE")]
    pub(super) time_zone: Option<String>,
    /// Whose tickets those are whose requester is no person of the company [default: they are not taken]
    #[arg(long, value_name = "EMAIL")]
    pub(super) fallback_requester: Option<String>,
    /// What happens to a second person of an address: refuse them, or merge them into the first
    #[arg(long, value_name = "WAY", default_value = "refuse", value_parser = ["refuse", "merge"])]
    pub(super) same_address: String,
    /// The name under which the source's ids are remembered [default: the command's]
    ///
    /// Two sources of one kind in one company need two names.
    #[arg(long, value_name = "NAME")]
    pub(super) source: Option<String>,
    /// The report, which must not exist: NDJSON, or CSV if its name ends so [default: import-TIME.ndjson]
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
}
