//! How formatting reads as plain text.

use std::{cell::RefCell, rc::Rc};

use html2text::{
    config,
    render::{TaggedLine, TextDecorator},
};

/// Where no line is ever broken: wider than any text.
const WIDTH: usize = 1 << 24;
/// Around what a link says and its address, while they are put together. They are no characters (Unicode, 23.7), and
/// taken out of what is sent.
const BEGIN: char = '\u{FDD0}';
const MIDDLE: char = '\u{FDD1}';
const END: char = '\u{FDD2}';

/// Of sanitised HTML.
///
/// # Errors
/// When it can't be read.
pub(super) fn of(html: &str) -> Result<String, String> {
    let mut html = html.replace([BEGIN, MIDDLE, END], "");
    if has_more_than_items(&html) {
        // Of a list with numbers nothing but its items would be said.
        html = html.replace("<ol", "<ul").replace("</ol>", "</ul>");
    }
    let config = config::with_decorator(Links::default()).unicode_strikeout(false);
    let text = config.string_from_read(html.as_bytes(), WIDTH);
    let text = name_links(&text.map_err(|error| format!("can't be read: {error}"))?);
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    Ok(lines.join("\n"))
}

/// Whether something stands in a list with numbers that is no item of it.
fn has_more_than_items(html: &str) -> bool {
    let is_item = |rest: &str| {
        let rest = rest.trim_start();
        ["<li>", "</ol>", "</ul>"].iter().any(|next| rest.starts_with(next))
    };
    let begins = html.split("<ol").skip(1).filter_map(|rest| rest.split_once('>'));
    let goes_on = html.split("</li>").skip(1);
    html.contains("<ol") && !(begins.map(|(_, rest)| rest).chain(goes_on).all(is_item))
}

/// After what a link says its address, unless it says just that.
fn name_links(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    // Where those that are open begin.
    let mut open = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find([BEGIN, MIDDLE]) {
        said.push_str(&rest[..at]);
        let is_begin = rest[at..].starts_with(BEGIN);
        rest = &rest[at + BEGIN.len_utf8()..];
        if is_begin {
            open.push(said.len());
        } else {
            let (url, after) = rest.split_once(END).unwrap_or((rest, ""));
            let from = open.pop().unwrap_or(said.len());
            if said[from..].trim() != url {
                said.push_str(" (");
                said.push_str(url);
                said.push(')');
            }
            rest = after;
        }
    }
    said + rest
}

/// How formatting reads as plain text: strength and the like are left out.
#[derive(Debug, Clone, Default)]
struct Links {
    open: Rc<RefCell<Vec<String>>>,
}

impl TextDecorator for Links {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        self.open.borrow_mut().push(url.to_owned());
        (BEGIN.to_string(), ())
    }

    fn decorate_link_end(&mut self) -> String {
        let url = self.open.borrow_mut().pop();
        url.map(|url| format!("{MIDDLE}{url}{END}")).unwrap_or_default()
    }

    fn decorate_em_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_em_end(&self) -> String {
        String::new()
    }

    fn decorate_strong_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strong_end(&self) -> String {
        String::new()
    }

    fn decorate_strikeout_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_strikeout_end(&self) -> String {
        String::new()
    }

    fn decorate_code_start(&self) -> (String, ()) {
        (String::new(), ())
    }

    fn decorate_code_end(&self) -> String {
        String::new()
    }

    fn decorate_preformat_first(&self) {}

    fn decorate_preformat_cont(&self) {}

    fn decorate_image(&mut self, _src: &str, title: &str) -> (String, ()) {
        (title.to_owned(), ())
    }

    fn header_prefix(&self, _level: usize) -> String {
        String::new()
    }

    fn quote_prefix(&self) -> String {
        "> ".to_owned()
    }

    fn unordered_item_prefix(&self) -> String {
        "* ".to_owned()
    }

    fn ordered_item_prefix(&self, place: i64) -> String {
        format!("{place}. ")
    }

    fn make_subblock_decorator(&self) -> Self {
        self.clone()
    }

    fn finalise(&mut self, _urls: Vec<String>) -> Vec<TaggedLine<()>> {
        Vec::new()
    }
}
