//! The version of the whole: it stands in `Cargo.toml`, and in `package.json` for the web side.

use crate::{places, process};
use anyhow::{Context, Result, bail};
use std::path::Path;

/// Major, minor, patch (semver.org, without pre-releases).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version(u32, u32, u32);

impl std::str::FromStr for Version {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let numbers: Option<Vec<u32>> = text
            .split('.')
            .map(|part| {
                let plain = !part.is_empty() && (part == "0" || !part.starts_with('0'));
                plain.then(|| part.bytes().all(|b| b.is_ascii_digit()).then(|| part.parse().ok())?).flatten()
            })
            .collect();
        match numbers.as_deref() {
            Some([major, minor, patch]) => Ok(Self(*major, *minor, *patch)),
            _ => Err("a version is three numbers, such as 1.2.3"),
        }
    }
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// Files in which it stands, and what stands before and behind it. It is looked for once in each place.
const PLACES: [(&str, &str, &str); 3] = [
    ("Cargo.toml", "[workspace.package]\nversion = \"", "\""),
    ("package.json", "\"name\": \"flowbit-web\",\n  \"version\": \"", "\""),
    (
        "package-lock.json",
        "\"packages\": {\n    \"\": {\n      \"name\": \"flowbit-web\",\n      \"version\": \"",
        "\"",
    ),
];

/// What the checkout is at.
pub(super) fn current() -> Result<Version> {
    let (file, before, behind) = PLACES[0];
    let text = read(&places::root().join(file))?;
    let (at, end) = find(&text, before, behind).with_context(|| format!("{file} has no version"))?;
    text[at..end].parse().map_err(|why| anyhow::anyhow!("{file}: {why}"))
}

/// Writes it everywhere, lock files included.
pub(super) fn set(version: &Version) -> Result<()> {
    for (file, before, behind) in PLACES {
        let path = places::root().join(file);
        let text = replace(&read(&path)?, before, behind, version).with_context(|| file.to_owned())?;
        std::fs::write(&path, text).with_context(|| format!("cannot write {file}"))?;
    }
    let lock = places::root().join("package-lock.json");
    let text = replace(&read(&lock)?, "{\n  \"name\": \"flowbit-web\",\n  \"version\": \"", "\"", version)?;
    std::fs::write(&lock, text).context("cannot write package-lock.json")?;
    process::output(places::cargo().args(["update", "--quiet", "--workspace", "--offline"])).map(drop)
}

fn read(path: &Path) -> Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

fn find(text: &str, before: &str, behind: &str) -> Option<(usize, usize)> {
    let at = text.find(before)? + before.len();
    Some((at, at + text[at..].find(behind)?))
}

fn replace(text: &str, before: &str, behind: &str, version: &Version) -> Result<String> {
    let Some((at, end)) = find(text, before, behind) else { bail!("there is no version behind {before:?}") };
    Ok(format!("{}{version}{}", &text[..at], &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_three_numbers_and_compare_as_such() {
        let parse = |text: &str| text.parse::<Version>();
        assert_eq!(parse("1.20.3").unwrap().to_string(), "1.20.3");
        assert!(parse("1.10.0").unwrap() > parse("1.9.9").unwrap());
        for other in ["1.2", "1.2.3.4", "v1.2.3", "1.2.x", "1..3", "01.2.3", "1.2.3-rc", "+1.2.3", ""] {
            assert!(parse(other).is_err(), "{other}");
        }
    }

    #[test]
    fn it_is_found_in_each_place_and_nothing_else_is_touched() {
        for (file, before, behind) in PLACES {
            let text = read(&places::root().join(file)).unwrap();
            assert_eq!(text.matches(before).count(), 1, "{file}");
            let made = replace(&text, before, behind, &Version(98, 7, 6)).unwrap();
            let differs = text.lines().zip(made.lines()).filter(|(a, b)| a != b).count();
            assert!(made.contains("98.7.6") && differs == 1, "{file}");
        }
        let lock = read(&places::root().join("package-lock.json")).unwrap();
        let web = format!("\"version\": \"{}\"", current().unwrap());
        assert!(lock.lines().take(3).any(|line| line.contains(&web)), "the web side is at another version");
    }
}
