//! `CHANGELOG.md`: what has been committed since the release before, newest release first.
//!
//! Commits here are sentences that say why, written to be read; so the changelog is these sentences, and whoever
//! makes a release may shorten it before pushing.

use super::{git, version::Version};
use crate::places;
use anyhow::{Context, Result};

const FILE: &str = "CHANGELOG.md";
const HEAD: &str = "# Changelog\n\nVersions follow semver.org.\n";

/// Puts a section for this version before those that are there.
pub(super) fn extend(version: &Version) -> Result<()> {
    let tags = git(&["tag", "--list", "v*", "--sort=-version:refname", "--merged"])?;
    let range = tags.lines().next().map(|last| format!("{last}..HEAD"));
    let mut args = vec!["log", "--no-merges", "--format=%s"];
    args.extend(range.as_deref());
    let date = git(&["log", "-1", "--format=%cs"])?;
    let path = places::root().join(FILE);
    let before = if path.exists() {
        std::fs::read_to_string(&path).with_context(|| format!("cannot read {FILE}"))?
    } else {
        HEAD.to_owned()
    };
    let text = insert(&before, &section(version, &date, &git(&args)?));
    std::fs::write(&path, text).with_context(|| format!("cannot write {FILE}"))?;
    git(&["add", FILE]).map(drop)
}

/// The section of a version that is in the file.
pub(super) fn read(version: &Version) -> Result<String> {
    let text =
        std::fs::read_to_string(places::root().join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
    let head = format!("## {version} ");
    let section = text.split("\n## ").map(|part| format!("## {part}")).find(|part| part.starts_with(&head));
    section.with_context(|| format!("{FILE} says nothing about {version}"))
}

fn section(version: &Version, date: &str, subjects: &str) -> String {
    // What a release itself commits says nothing.
    let lines = subjects.lines().filter(|subject| !subject.starts_with("Release "));
    let lines: String = lines.map(|subject| format!("- {subject}\n")).collect();
    format!("## {version} ({date})\n\n{lines}")
}

fn insert(text: &str, section: &str) -> String {
    match text.find("\n## ") {
        Some(at) => format!("{}\n{section}{}", &text[..at], &text[at..]),
        None => format!("{text}\n{section}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_newest_release_comes_first() {
        let first = insert(HEAD, &section(&"0.1.0".parse().unwrap(), "2026-01-01", "One\nTwo"));
        assert_eq!(first, format!("{HEAD}\n## 0.1.0 (2026-01-01)\n\n- One\n- Two\n"));
        let second =
            insert(&first, &section(&"0.2.0".parse().unwrap(), "2026-02-01", "Three\nRelease 0.1.0"));
        let wanted =
            format!("{HEAD}\n## 0.2.0 (2026-02-01)\n\n- Three\n\n## 0.1.0 (2026-01-01)\n\n- One\n- Two\n");
        assert_eq!(second, wanted);
    }
}
