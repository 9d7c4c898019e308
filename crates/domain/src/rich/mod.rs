//! Text with formatting, as HTML.
//!
//! What people send passes [`RichText::read`], what is brought in [`sanitise`]: both keep what a message may have and
//! drop all else, so that nothing else is ever stored or handed out.

mod bounds;
mod plain;

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use ammonia::{Builder, UrlRelative};
use serde::{Deserialize, Deserializer, de};
use url::Url;

/// The longest that is read, in bytes.
pub const HTML_MAX: usize = 60_000;
/// The longest that an archive brings in, in bytes: what is kept says more than what was sent.
const KEPT_MAX: usize = 1 << 20;
/// The largest number with which a list begins.
const START_MAX: i32 = 1_000_000;

/// What formatting a message has.
static ALLOWED: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut builder = Builder::empty();
    builder
        .add_tags(["p", "br", "strong", "em", "s", "u", "code", "pre", "blockquote", "ul", "ol", "li", "a"])
        .add_clean_content_tags(["script", "style", "title", "template", "noscript"])
        .generic_attributes(HashSet::new())
        .tag_attributes(HashMap::from([("a", HashSet::from(["href"])), ("ol", HashSet::from(["start"]))]))
        .attribute_filter(|element, name, value| match (element, name) {
            ("ol", "start") => start(value).map(Cow::Owned),
            ("a", "href") => address(value),
            // Of the sanitiser's own.
            ("a", "rel") => Some(Cow::Borrowed(value)),
            _ => None,
        })
        .add_url_schemes(["http", "https", "mailto", "tel"])
        .url_relative(UrlRelative::Deny)
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
});

/// With which number a list begins.
fn start(value: &str) -> Option<String> {
    let number: i32 = value.trim().parse().ok()?;
    (number.abs() <= START_MAX).then(|| number.to_string())
}

/// An address that leads to the same place wherever it stands.
fn address(value: &str) -> Option<Cow<'_, str>> {
    let url = Url::parse(value).ok()?;
    let said = value.trim().to_ascii_lowercase();
    // `https:path` is read as an address within the page's own.
    let is_whole = match url.scheme() {
        "http" | "https" => said.starts_with(&format!("{}://", url.scheme())),
        "mailto" | "tel" => true,
        _ => false,
    };
    let is_plain = !value.contains(|c: char| c.is_ascii_control()) && value == value.trim();
    is_whole.then(|| if is_plain { Cow::Borrowed(value) } else { Cow::Owned(url.into()) })
}

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
    /// What is wrong with it: it is too long, or costs too much to read.
    pub fn read(html: &str) -> Result<Self, String> {
        if html.len() > HTML_MAX {
            return Err(format!("must be at most {HTML_MAX} bytes, is {}", html.len()));
        }
        if html.contains('\0') {
            return Err("must not contain U+0000".to_owned());
        }
        bounds::check(html, bounds::OF_A_PERSON)?;
        let html = clean(html);
        let plain = plain::of(&html)?;
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

/// Of HTML that was kept elsewhere, what may stand in a message; nothing when it costs too much to read: its text is
/// kept beside it.
pub(crate) fn sanitise(html: &str) -> Option<String> {
    (html.len() <= KEPT_MAX && bounds::check(html, bounds::OF_AN_ARCHIVE).is_ok()).then(|| clean(html))
}

/// Until nothing changes any more: links in each other part only when they are read again.
fn clean(html: &str) -> String {
    let mut clean = clean_once(html);
    for _ in 0..3 {
        let again = clean_once(&clean);
        if again == clean {
            break;
        }
        clean = again;
    }
    clean
}

fn clean_once(html: &str) -> String {
    // A reader drops a first end of line in it: who writes it says it twice (HTML, 13.3).
    ALLOWED.clean(html).to_string().replace("<pre>\n", "<pre>\n\n")
}

impl<'de> Deserialize<'de> for RichText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = Cow::<'de, str>::deserialize(deserializer)?;
        Self::read(&text).map_err(de::Error::custom)
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
    fn the_text_says_all_that_is_seen() {
        for (html, plain) in [
            ("<p>hello</p><ol>not hidden<li>one</li></ol>", "hello\n* not hidden\n* one"),
            ("<ol><li>a</li><p>b</p></ol>", "* a\n* b"),
            ("<ol><li>a</li> <li>b<ul><li>c</li></ul></li></ol><p>d</p>", "1. a\n2. b\n   * c\n\nd"),
            (
                "<a href=\"http://evil.example\">https://bank.example/?u=http://evil.example</a>",
                "https://bank.example/?u=http://evil.example (http://evil.example)",
            ),
            ("<a href=\"tel:1\">call</a> tel:1 (tel:1)", "call (tel:1) tel:1 (tel:1)"),
            ("<s>gone</s>", "gone"),
        ] {
            assert_eq!(read(html).plain(), plain, "{html}");
        }
    }

    #[test]
    fn an_attribute_says_what_it_is_for_and_nothing_else() {
        const REL: &str = "rel=\"noopener noreferrer nofollow\"";
        for (html, kept) in [
            ("<p title=\"secret\" lang=\"secret\">a</p>", "<p>a</p>".to_owned()),
            ("<ol start=\"1 onclick=x\"><li>a</li></ol>", "<ol><li>a</li></ol>".to_owned()),
            ("<ol start=\"9223372036854775807\"><li>a</li></ol>", "<ol><li>a</li></ol>".to_owned()),
            ("<ol start=\" 3\"><li>a</li></ol>", "<ol start=\"3\"><li>a</li></ol>".to_owned()),
            ("<a href=\"http:tickets?x\">a</a>", format!("<a {REL}>a</a>")),
            ("<a href=\"//x.example\">a</a>", format!("<a {REL}>a</a>")),
            ("<a href=\"ht\ttps://x.example/y\">a</a>", format!("<a {REL}>a</a>")),
            (
                "<a href=\" https://x.example/y\">a</a>",
                format!("<a href=\"https://x.example/y\" {REL}>a</a>"),
            ),
            ("<a href=\"mailto:a@b.example\">a</a>", format!("<a href=\"mailto:a@b.example\" {REL}>a</a>")),
        ] {
            assert_eq!(read(html).html(), kept, "{html}");
        }
    }

    #[test]
    fn what_is_too_much_is_refused() {
        let long = format!("<p>{}</p>", "a".repeat(HTML_MAX));
        assert_eq!(RichText::read(&long).unwrap_err(), "must be at most 60000 bytes, is 60007");
        assert_eq!(RichText::read("a\0b").unwrap_err(), "must not contain U+0000");
        // As deep and as often as it may be, it grows by no more than was counted.
        let deep = "<ul><li>".repeat(100) + "a";
        assert_eq!(read(&deep).plain().trim_start_matches(['*', ' ']), "a");
        let strong: String = (0..20).map(|n| format!("<strong a{n}>")).collect();
        assert!(read(&format!("<p>{strong}{}", "x<p>x".repeat(200))).html().len() < HTML_MAX + 100_000);
        // What an archive says beyond that has its text alone.
        assert_eq!(sanitise(&"<blockquote>".repeat(100_000)), None);
        assert_eq!(sanitise(deep.as_str()).as_deref(), Some(read(&deep).html()));
    }
}
