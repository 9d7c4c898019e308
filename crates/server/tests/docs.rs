//! What the documents say of the program: links, commands and their options, settings.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on fails there")]

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::Command,
};

use flowbit_server::config;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

/// Settings of tests and measurements, and those of the stack of containers, which its own tests read.
const NOT_THE_SERVERS: [&str; 2] = ["FLOWBIT_TEST_", "FLOWBIT_NODE_"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// One document.
struct Document {
    path: PathBuf,
    text: String,
    links: Vec<String>,
    /// The anchors of its headings, as readers of Markdown make them.
    anchors: BTreeSet<String>,
    /// Lines of blocks of code, and what stands between backticks.
    code: Vec<String>,
}

/// A heading's anchor: in lower case, spaces as hyphens, without other signs.
fn anchor(heading: &str) -> String {
    let heading = heading.to_lowercase();
    let kept = heading.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn read(path: PathBuf) -> Document {
    let text = std::fs::read_to_string(&path).unwrap();
    let (mut links, mut anchors, mut code) = (Vec::new(), BTreeSet::new(), Vec::new());
    let (mut heading, mut block) = (None::<String>, None::<String>);
    for event in Parser::new_ext(&text, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                links.push(dest_url.into_string());
            }
            Event::Start(Tag::Heading { .. }) => heading = Some(String::new()),
            Event::End(TagEnd::Heading(_)) => {
                anchors.extend(heading.take().map(|heading| anchor(&heading)));
            }
            Event::Start(Tag::CodeBlock(_)) => block = Some(String::new()),
            Event::End(TagEnd::CodeBlock) => {
                let block = block.take().unwrap_or_default().replace("\\\n", " ");
                code.extend(block.lines().map(str::to_owned));
            }
            Event::Text(text) => {
                if let Some(kept) = heading.as_mut().or(block.as_mut()) {
                    kept.push_str(&text);
                }
            }
            Event::Code(text) => {
                if let Some(heading) = &mut heading {
                    heading.push_str(&text);
                }
                code.push(text.into_string());
            }
            _ => {}
        }
    }
    Document { path, text, links, anchors, code }
}

fn documents() -> Vec<Document> {
    let root = root();
    let mut paths = vec![root.join("README.md"), root.join("web/README.md")];
    for folder in [root.join("docs"), root.join("docs/decisions")] {
        let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        paths.extend(entries.filter(|path| path.extension().is_some_and(|e| e == "md")));
    }
    paths.into_iter().map(read).collect()
}

#[test]
fn links_lead_somewhere() {
    let documents: BTreeMap<PathBuf, Document> =
        documents().into_iter().map(|document| (document.path.clone(), document)).collect();
    let mut followed = 0;
    for (path, document) in &documents {
        for link in &document.links {
            if link.contains("://") {
                continue;
            }
            followed += 1;
            let (file, place) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => path.clone(),
                file => path
                    .parent()
                    .unwrap()
                    .join(file)
                    .canonicalize()
                    .unwrap_or_else(|e| panic!("{}: the link {link} leads nowhere: {e}", path.display())),
            };
            if !place.is_empty() {
                let known = documents.get(&target).is_some_and(|target| target.anchors.contains(place));
                assert!(known, "{}: the link {link} has no such heading", path.display());
            }
        }
    }
    assert!(followed > 20, "hardly any links: {followed}");
}

/// What `--help` says after these words.
fn help(program: &Path, words: &[&str]) -> Option<String> {
    let output = Command::new(program).args(words).arg("--help").output().unwrap();
    output.status.success().then(|| String::from_utf8(output.stdout).unwrap())
}

/// Whether a help's text names an option, as a word.
fn names(help: &str, option: &str) -> bool {
    help.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).any(|word| word == option)
}

/// The commands that a help's text lists.
fn commands(help: &str) -> BTreeSet<String> {
    let listed = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let listed = listed.take_while(|line| !line.is_empty());
    listed.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect()
}

/// Checks each mention of a program in code: its words are commands, its options are theirs.
fn check_commands(name: &str, program: &Path) -> usize {
    let mut helps: BTreeMap<Vec<String>, Option<String>> = BTreeMap::new();
    let mut checked = 0;
    for document in documents() {
        for line in &document.code {
            let line = line.split(" #").next().unwrap_or_default();
            // After a pipe, a `;` or variables there may be another one.
            for part in line.split(['|', ';', '&']) {
                let Some(rest) = part.trim().strip_prefix(name).filter(|rest| rest.starts_with(' ')) else {
                    continue;
                };
                let mut path: Vec<String> = Vec::new();
                let mut is_path = true;
                for word in rest.split_whitespace() {
                    let place = format!("{}: `{}`", document.path.display(), part.trim());
                    let text = helps.entry(path.clone()).or_insert_with(|| {
                        help(program, &path.iter().map(String::as_str).collect::<Vec<_>>())
                    });
                    let text = text.as_ref().unwrap_or_else(|| panic!("{place}: there is no such command"));
                    let subcommands = commands(text);
                    if let Some(option) = word.strip_prefix("--") {
                        let option = option.split(['=', ',', '.', ')']).next().unwrap_or_default();
                        assert!(names(text, &format!("--{option}")), "{place}: there is no --{option}");
                        is_path = false;
                    } else if is_path && !subcommands.is_empty() {
                        if matches!(word, "…" | "...") {
                            break;
                        }
                        assert!(subcommands.contains(word), "{place}: there is no command {word}");
                        path.push(word.to_owned());
                    }
                }
                checked += 1;
            }
        }
    }
    checked
}

#[test]
fn the_programs_commands_are_there() {
    let checked = check_commands("flowbit", Path::new(env!("CARGO_BIN_EXE_flowbit")));
    assert!(checked > 20, "hardly any commands: {checked}");
}

#[test]
fn every_setting_is_documented_and_nothing_else_is() {
    let known: BTreeSet<String> =
        config::keys().map(|key| format!("FLOWBIT_{}", key.to_uppercase())).collect();
    let compose = std::fs::read_to_string(root().join("compose.yaml")).unwrap();
    let mut named = BTreeSet::new();
    for document in documents() {
        let words =
            document.text.split(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_'));
        for word in words.filter(|word| word.starts_with("FLOWBIT_") && !word.ends_with('_')) {
            let is_elsewhere = NOT_THE_SERVERS.iter().any(|prefix| word.starts_with(prefix))
                || compose.contains(&format!("${{{word}"));
            assert!(
                known.contains(word) || is_elsewhere,
                "{}: there is no setting {word}",
                document.path.display()
            );
            named.insert(word.to_owned());
        }
    }
    let help = std::process::Command::new(env!("CARGO_BIN_EXE_flowbit")).args(["serve", "--help"]).output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    let operations = documents().into_iter().find(|d| d.path.ends_with("OPERATIONS.md")).unwrap().text;
    for key in config::keys() {
        let variable = format!("FLOWBIT_{}", key.to_uppercase());
        let is_named = named.contains(&variable) || operations.contains(&format!("`{key}`"));
        assert!(is_named, "OPERATIONS does not say what {variable} is");
        let line = help.lines().find(|line| line.trim_start().starts_with(&format!("{variable} ")));
        let meaning =
            line.and_then(|line| line.trim_start().split_once(' ')).map(|(_, meaning)| meaning.trim());
        assert!(
            meaning.is_some_and(|meaning| meaning.len() > 5),
            "serve --help does not say what {variable} is"
        );
    }
}

/// A document that the site does not list is one that nobody finds.
#[test]
fn every_document_is_in_the_site() {
    let summary = root().join("docs/SUMMARY.md");
    let listed: BTreeSet<PathBuf> = read(summary.clone())
        .links
        .iter()
        .map(|link| root().join("docs").join(link).canonicalize().unwrap())
        .collect();
    let book = std::fs::read_to_string(root().join("book.toml")).unwrap();
    assert!(book.contains("src = \"docs\""), "{book}");
    let docs = root().join("docs");
    let written: BTreeSet<PathBuf> = documents()
        .into_iter()
        .map(|document| document.path)
        .filter(|path| path.starts_with(&docs) && *path != summary)
        .collect();
    assert_eq!(written, listed);
}

/// The pictures of the README are there for both kinds of screens, and are pictures.
#[test]
fn the_readme_shows_it_in_the_light_and_in_the_dark() {
    let text = std::fs::read_to_string(root().join("README.md")).unwrap();
    let quoted =
        text.split(['"', '(', ')', ' ']).filter(|word| word.ends_with(".png") || word.ends_with(".webp"));
    let shown: BTreeSet<&str> = quoted.collect();
    for picture in &shown {
        let size = std::fs::metadata(root().join(picture)).unwrap_or_else(|e| panic!("{picture}: {e}")).len();
        assert!(size > 10_000, "{picture} is of {size} bytes");
    }
    for scheme in ["light", "dark"] {
        assert!(shown.iter().any(|picture| picture.contains(scheme)), "no picture of {scheme}: {shown:?}");
    }
}
