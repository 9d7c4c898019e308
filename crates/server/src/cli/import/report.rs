//! The report: one line for each thing that was not taken, or that is there in another way, with where it
//! stands and why. NDJSON, or CSV if the file's name says so. What it holds is the company's: only its owner
//! may read the file.

use std::{
    borrow::Cow,
    fs::OpenOptions,
    io::{BufWriter, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

use flowbit_domain::import::{Remark, Weight};
use serde::Serialize;

use super::{mapping::Collection, source::told};
use crate::cli::Outcome;

/// A line.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Line<'a> {
    weight: &'static str,
    customer: &'a str,
    file: &'a str,
    at: Option<u64>,
    kind: &'a str,
    id: &'a str,
    field: &'a str,
    reason: &'a str,
}

enum Form {
    Json(BufWriter<std::fs::File>),
    Csv(Box<csv::Writer<std::fs::File>>),
}

/// Where lines go.
pub(super) struct Report {
    path: PathBuf,
    form: Form,
    /// How many lines there are.
    pub(super) lines: u64,
}

/// What a line is about.
pub(super) struct About<'a> {
    pub(super) customer: &'a str,
    pub(super) file: &'a str,
    pub(super) at: u64,
    pub(super) collection: Collection,
    pub(super) id: &'a str,
}

/// The most of a source's text that a line has, in characters: ids, and words that are not known.
const SHOWN_MAX: usize = 500;

fn clip(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(SHOWN_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => text.into(),
    }
}

fn name(weight: Weight) -> &'static str {
    match weight {
        Weight::Changed => "changed",
        Weight::LeftOut => "leftOut",
        Weight::Refused => "refused",
    }
}

/// Keeps programs that open tables from taking a value for a formula.
fn plain(value: &str) -> String {
    let risky = value.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if risky { format!("'{value}") } else { value.to_owned() }
}

impl Report {
    /// Makes the file, which must not be there.
    ///
    /// # Errors
    /// When it can't be made.
    pub(super) fn create(path: &Path) -> Outcome<Self> {
        let made = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        let file = made.map_err(|e| told(path, e))?;
        let is_csv = path.extension().is_some_and(|ext| ext.eq_ignore_ascii_case("csv"));
        let form = if is_csv {
            let mut writer = csv::Writer::from_writer(file);
            let columns = ["weight", "customer", "file", "at", "kind", "id", "field", "reason"];
            writer.write_record(columns).map_err(|e| told(path, e))?;
            Form::Csv(Box::new(writer))
        } else {
            Form::Json(BufWriter::new(file))
        };
        Ok(Self { path: path.to_owned(), form, lines: 0 })
    }

    /// Adds a remark on a document.
    ///
    /// # Errors
    /// When it can't be written.
    pub(super) fn note(&mut self, about: &About<'_>, remark: &Remark) -> Outcome {
        self.write(&Line {
            weight: name(remark.weight),
            customer: about.customer,
            file: about.file,
            at: Some(about.at),
            kind: about.collection.name(),
            id: &clip(about.id),
            field: &clip(&remark.field),
            reason: &clip(&remark.reason),
        })
    }

    /// Adds what is to say of the source as a whole.
    ///
    /// # Errors
    /// When it can't be written.
    pub(super) fn pass_over(&mut self, what: &str, reason: &str) -> Outcome {
        let weight = name(Weight::LeftOut);
        self.write(&Line {
            weight,
            customer: "",
            file: what,
            at: None,
            kind: "source",
            id: "",
            field: "",
            reason,
        })
    }

    fn write(&mut self, line: &Line<'_>) -> Outcome {
        self.lines += 1;
        let written = match &mut self.form {
            Form::Json(file) => serde_json::to_writer(&mut *file, line)
                .map_err(std::io::Error::from)
                .and_then(|()| file.write_all(b"\n")),
            Form::Csv(writer) => {
                let at = line.at.map(|at| at.to_string()).unwrap_or_default();
                let values =
                    [line.weight, line.customer, line.file, &at, line.kind, line.id, line.field, line.reason];
                writer.write_record(values.map(plain)).map_err(std::io::Error::other)
            }
        };
        written.map_err(|e| told(&self.path, e))
    }

    /// Hands over what was written.
    ///
    /// # Errors
    /// When it can't be written.
    pub(super) fn flush(&mut self) -> Outcome {
        match &mut self.form {
            Form::Json(file) => file.flush(),
            Form::Csv(writer) => writer.flush(),
        }
        .map_err(|e| told(&self.path, e))
    }
}
