//! Texts from elsewhere, made to fit: nothing of them is lost without a remark.

use crate::{
    import::Remark,
    text::is_blank,
    ticket::{TEXT_MAX, TITLE_MAX},
};

/// Takes U+0000 out, which no text here holds.
fn without_nul(field: &str, text: String, remarks: &mut Vec<Remark>) -> String {
    if !text.contains('\0') {
        return text;
    }
    remarks.push(Remark::left_out(field, "its characters U+0000"));
    text.replace('\0', "")
}

/// One line of at most `max` characters, and what it was before if it was cut.
pub(super) fn fit_line(
    field: &str,
    text: String,
    max: usize,
    remarks: &mut Vec<Remark>,
) -> (String, Option<String>) {
    let text = without_nul(field, text, remarks);
    let mut line = text.trim().to_owned();
    if line.chars().any(char::is_control) {
        line = line
            .split(char::is_control)
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        remarks.push(Remark::changed(field, "its line breaks and control characters are spaces"));
    }
    if line.chars().count() <= max {
        return (line, None);
    }
    let cut: String = line.chars().take(max - 1).collect();
    (format!("{}…", cut.trim_end()), Some(line))
}

/// A ticket's title, and the whole of it if it was too long. `None`: there is nothing to call it by.
pub(super) fn fit_title(
    title: String,
    description: &str,
    remarks: &mut Vec<Remark>,
) -> Option<(String, Option<String>)> {
    let title = if is_blank(&title) {
        let first = description.lines().find(|line| !is_blank(line))?.to_owned();
        remarks.push(Remark::changed("title", "it has none: the first line of its text stands there"));
        // It stands in the text as a whole.
        return Some((fit_line("title", first, TITLE_MAX, remarks).0, None));
    } else {
        title
    };
    let (line, whole) = fit_line("title", title, TITLE_MAX, remarks);
    if whole.is_some() {
        let reason =
            format!("it has more than {TITLE_MAX} characters: the whole is the custom field sourceTitle");
        remarks.push(Remark::changed("title", reason));
    }
    Some((line, whole))
}

/// A long text in pieces that a description or message can hold; at least one.
pub(super) fn split_text(field: &str, text: String, remarks: &mut Vec<Remark>) -> Vec<String> {
    let text = without_nul(field, text, remarks);
    let text = text.trim_end();
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((cut, _)) = rest.char_indices().nth(TEXT_MAX) {
        // Between two lines, if there are any.
        let at = rest[..cut].rfind('\n').map_or(cut, |line| line + 1);
        pieces.push(rest[..at].to_owned());
        rest = &rest[at..];
    }
    pieces.push(rest.to_owned());
    if pieces.len() > 1 {
        let reason = format!(
            "it has more than {TEXT_MAX} characters: it goes on in {} further messages",
            pieces.len() - 1
        );
        remarks.push(Remark::changed(field, reason));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_long_text_is_lost() {
        let mut remarks = Vec::new();
        let text: String = (0..5_000).map(|n| format!("line {n}\n")).collect();
        let pieces = split_text("description", text.clone(), &mut remarks);
        assert!(pieces.len() > 1 && pieces.iter().all(|p| p.chars().count() <= TEXT_MAX));
        assert_eq!(pieces.concat(), text.trim_end());
        assert_eq!(remarks.len(), 1);
        let one_line = "ä".repeat(TEXT_MAX + 1);
        assert_eq!(split_text("d", one_line.clone(), &mut remarks).concat(), one_line);
    }

    #[test]
    fn a_title_is_one_line_and_its_whole_is_kept() {
        let mut remarks = Vec::new();
        let (line, whole) = fit_title("a\r\nb\tc".into(), "", &mut remarks).unwrap();
        assert_eq!((line.as_str(), whole), ("a b c", None));
        let long = "x".repeat(TITLE_MAX + 1);
        let (line, whole) = fit_title(long.clone(), "", &mut remarks).unwrap();
        assert_eq!((line.chars().count(), whole), (TITLE_MAX, Some(long)));
        let (line, _) = fit_title("  ".into(), "\n First line\nsecond", &mut remarks).unwrap();
        assert_eq!(line, "First line");
        assert_eq!(fit_title(String::new(), "\u{200b}\n", &mut remarks), None);
    }
}
