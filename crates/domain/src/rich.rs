//! Text with formatting, as HTML.
//!
//! What people send passes [`RichText::read`], what is brought in [`sanitise`]: both keep what a message may have and
//! drop all else, so that nothing else is ever stored or handed out.

use std::{borrow::Cow, cell::RefCell, rc::Rc, sync::LazyLock};

use ammonia::{Builder, UrlRelative};
use html2text::{
    config,
    render::{TaggedLine, TextDecorator},
};
use serde::{Deserialize, Deserializer, de};

/// The longest that is read, in bytes.
pub const HTML_MAX: usize = 60_000;
/// The most tags that are read, closing ones included: what is nested deep costs by the square.
const TAGS_MAX: usize = 3_000;

/// What formatting a message has.
static ALLOWED: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .add_tags(["p", "br", "strong", "em", "s", "u", "code", "pre", "blockquote", "ul", "ol", "li", "a"])
        .add_clean_content_tags(["script", "style", "title", "template", "noscript"])
        .add_tag_attributes("a", ["href"])
        .add_tag_attributes("ol", ["start"])
        .add_url_schemes(["http", "https", "mailto", "tel"])
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
});

/// Sanitised HTML, and the same as plain text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RichText {
    html: String,
    plain: String,
}

impl RichText {
    /// Takes what may stand in a message, and of everything else its text. What it means as plain text: paragraphs
    /// with a blank line between them, `* ` and numbers before what is listed, `> ` before what is quoted, and after
    /// a link its address.
    ///
    /// # Errors
    /// What is wrong with it: it is too long, or of too many parts.
    pub fn read(html: &str) -> Result<Self, String> {
        if html.len() > HTML_MAX {
            return Err(format!("must be at most {HTML_MAX} bytes, is {}", html.len()));
        }
        let tags = html.bytes().filter(|&byte| byte == b'<').count();
        if tags > TAGS_MAX {
            return Err(format!("must have at most {TAGS_MAX} tags, has {tags}"));
        }
        if html.contains('\0') {
            return Err("must not contain U+0000".to_owned());
        }
        let html = sanitise(html);
        let plain = plain_of(&html)?;
        Ok(Self { html, plain })
    }

    /// The HTML.
    #[must_use]
    pub fn html(&self) -> &str {
        &self.html
    }

    /// The text without its formatting.
    #[must_use]
    pub fn plain(&self) -> &str {
        &self.plain
    }

    /// Both: the HTML and the text.
    #[must_use]
    pub fn into_parts(self) -> (String, String) {
        (self.html, self.plain)
    }
}

/// Of HTML that was kept elsewhere, what may stand in a message. It may be longer than what is read of a person: a
/// link says more here.
pub(crate) fn sanitise(html: &str) -> String {
    ALLOWED.clean(html).to_string()
}

impl<'de> Deserialize<'de> for RichText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::read(&text).map_err(de::Error::custom)
    }
}

/// Where no line is ever broken: wider than any text.
const WIDTH: usize = 1 << 24;

fn plain_of(html: &str) -> Result<String, String> {
    let links = Links::default();
    let found = Rc::clone(&links.found);
    let text =
        config::with_decorator(links).unicode_strikeout(false).string_from_read(html.as_bytes(), WIDTH);
    let mut text = text.map_err(|error| format!("can't be read: {error}"))?;
    let mut addresses = std::mem::take(&mut found.borrow_mut().all);
    addresses.sort();
    addresses.dedup();
    // What is its own address is said once.
    for address in addresses {
        text = text.replace(&format!("{address} ({address})"), &address);
    }
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    Ok(lines.join("\n"))
}

/// The links that were met.
#[derive(Debug, Default)]
struct Found {
    open: Vec<String>,
    all: Vec<String>,
}

/// How formatting reads as plain text: strength and the like are left out.
#[derive(Debug, Clone, Default)]
struct Links {
    found: Rc<RefCell<Found>>,
}

impl TextDecorator for Links {
    type Annotation = ();

    fn decorate_link_start(&mut self, url: &str) -> (String, ()) {
        self.found.borrow_mut().open.push(url.to_owned());
        (String::new(), ())
    }

    fn decorate_link_end(&mut self) -> String {
        let mut found = self.found.borrow_mut();
        let Some(url) = found.open.pop() else { return String::new() };
        let said = format!(" ({url})");
        found.all.push(url);
        said
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(html: &str) -> RichText {
        RichText::read(html).unwrap()
    }

    #[test]
    fn formatting_stays_and_reads_as_plain_text() {
        let html = "<p>Hello <strong>Pia</strong>,<br>drive to <em>gate</em> <s>4</s> <u>5</u>:</p>\
            <ul><li><p>by <code>B  9</code></p></li><li><p>then</p><ol start=\"3\"><li><p>left</p></li></ol></li></ul>\
            <blockquote><p>It is shut.</p></blockquote><pre><code>if  x {\n    y\n}</code></pre>";
        let text = read(html);
        assert_eq!(text.html(), html);
        assert_eq!(
            text.plain(),
            "Hello Pia,\ndrive to gate 4 5:\n* by B 9\n* then\n  3. left\n\n> It is shut.\n\nif  x {\n    y\n}"
        );
    }

    #[test]
    fn a_link_says_where_it_leads_once() {
        let text = read(
            "<p><a href=\"https://example.com/a\">the map</a>, <a href=\"https://example.com/b\">https://example.com/b</a></p>",
        );
        assert_eq!(text.plain(), "the map (https://example.com/a), https://example.com/b");
        assert!(text.html().contains("rel=\"noopener noreferrer nofollow\""));
    }

    #[test]
    fn what_could_do_something_is_dropped() {
        for (html, kept) in [
            ("<p>a<script>alert(1)</script>b</p>", "<p>ab</p>"),
            ("<p onclick=\"x()\" style=\"color:red\" class=\"c\" id=\"i\">a</p>", "<p>a</p>"),
            ("<img src=x onerror=alert(1)>a", "a"),
            ("<svg><script>alert(1)</script></svg><math><mtext></mtext></math>a", "a"),
            ("<iframe srcdoc=\"<script>alert(1)</script>\"></iframe><h1>a</h1><form><input>b</form>", "ab"),
            ("<a href=\"javascript:alert(1)\">a</a>", "<a rel=\"noopener noreferrer nofollow\">a</a>"),
            ("<a href=\"data:text/html,x\">a</a>", "<a rel=\"noopener noreferrer nofollow\">a</a>"),
            ("<a href=\"/api/me\">a</a>", "<a rel=\"noopener noreferrer nofollow\">a</a>"),
            ("<style>p{}</style><!-- c --><p>a", "<p>a</p>"),
        ] {
            assert_eq!(read(html).html(), kept, "{html}");
        }
    }

    #[test]
    fn what_is_clean_stays_as_it_is() {
        for html in [
            "<p>1 &lt; 2 &amp; 3</p>",
            "<ul><li>a<b>c</b><p>d",
            "a<blockquote>b</p>c",
            "<p>a<br/>b&nbsp;c</p>",
        ] {
            let once = read(html);
            assert_eq!(read(once.html()), once, "{html}");
        }
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let long = format!("<p>{}</p>", "a".repeat(HTML_MAX));
        assert_eq!(RichText::read(&long).unwrap_err(), "must be at most 60000 bytes, is 60007");
        let deep = "<ul><li>".repeat(TAGS_MAX);
        assert_eq!(RichText::read(&deep).unwrap_err(), "must have at most 3000 tags, has 6000");
        assert_eq!(RichText::read("a\0b").unwrap_err(), "must not contain U+0000");
        // As deep as it may be, it is read all the same.
        assert_eq!(
            read(&format!("{}a", "<ul><li>".repeat(TAGS_MAX / 2))).plain().trim_start_matches(['*', ' ']),
            "a"
        );
    }
}
