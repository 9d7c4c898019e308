//! `cargo xtask release VERSION`: the version, its changelog, and what people get, in one command.
//!
//! It builds a program that needs nothing of a system, packs it, says what is in it (two SBOMs) and what it must
//! hash to, builds the images, and at the end commits and tags. What fails before leaves no commit and no tag. Nothing
//! is pushed: pushing the tag makes CI build the same with `--artefacts-only` and publish it.

mod artefacts;
mod changelog;
mod version;

use crate::stop::Stop;
use crate::{console, places, process};
use anyhow::{Context, Result, bail};
use std::process::Command;
use version::Version;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The version, such as 1.2.3
    version: Version,
    /// Change no file, commit nothing, tag nothing: make what the checkout is at
    #[arg(long)]
    artefacts_only: bool,
    /// What builds the images
    #[arg(long, value_enum, default_value_t = Builder::Docker)]
    images: Builder,
}

/// What builds the images.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Builder {
    /// Docker's engine.
    Docker,
    /// Buildah, which needs no engine.
    Buildah,
    /// Nothing: somebody else builds them, as CI does.
    None,
}

/// Makes a release of this checkout.
pub(crate) fn run(args: &Args, stop: &Stop) -> Result<()> {
    let Args { version, artefacts_only, images } = args;
    let current = version::current()?;
    if *artefacts_only {
        if current != *version {
            bail!("the checkout is at version {current}, not at {version}");
        }
    } else {
        check_checkout(version, &current)?;
        version::set(version)?;
        changelog::extend(version)?;
    }
    let made = artefacts::make(version, stop)?;
    artefacts::build_images(version, *images, &made, stop)?;
    if !*artefacts_only {
        let name = format!("v{version}");
        git(&["commit", "--quiet", "--all", "--message", &format!("Release {version}")])?;
        git(&["tag", "--annotate", &name, "--message", &format!("Flowbit {version}")])?;
        console::say(format!("\n{name} is committed and tagged; `git push --follow-tags` publishes it."));
    }
    console::say(format!("What people get is in {}.", made.display()));
    Ok(())
}

fn check_checkout(version: &Version, current: &Version) -> Result<()> {
    if version < current {
        bail!("{version} is older than {current}, which the checkout is at");
    }
    let changed = git(&["status", "--porcelain"])?;
    if !changed.is_empty() {
        bail!("the checkout has changes that are not committed:\n{changed}");
    }
    if !git(&["tag", "--list", &format!("v{version}")])?.is_empty() {
        bail!("there is a tag v{version} already");
    }
    Ok(())
}

/// What git prints, trimmed.
fn git(args: &[&str]) -> Result<String> {
    process::output(Command::new("git").args(args).current_dir(places::root()))
        .with_context(|| format!("git {}", args.join(" ")))
}
