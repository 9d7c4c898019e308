//! HTML that is written here: of e-mails, and of the page that ends them. Without scripts, and with nothing from
//! elsewhere.

use std::fmt::{Display, Formatter, Write};

use super::words::Language;

/// A text as it stands in HTML, between tags or in quotes.
pub(super) struct Escaped<'t>(pub(super) &'t str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                c => f.write_char(c)?,
            }
        }
        Ok(())
    }
}

/// A whole document around this body, in the colours that the reader prefers.
pub(super) fn document(language: Language, title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n</head>\n\
         <body>\n{body}</body>\n</html>\n",
        language.code(),
        Escaped(title)
    )
}

/// What the page that ends e-mails shows.
pub(crate) enum Page<'a> {
    /// The question, for people of this company.
    Asks(&'a str),
    /// That it is done.
    Stopped(&'a str),
    /// That the link is not good.
    NoLongerGood,
}

/// The page, as HTML. Its form is sent to where it is shown.
pub(crate) fn show(language: Language, page: &Page<'_>) -> String {
    let stop = language.stop();
    let text = match page {
        Page::Asks(company) => language.asks(company),
        Page::Stopped(company) => language.stopped(company),
        Page::NoLongerGood => language.no_longer_good().to_owned(),
    };
    let form = match page {
        Page::Asks(_) => format!(
            "<form method=\"post\">\n<input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\">\n\
             <button type=\"submit\">{}</button>\n</form>\n",
            Escaped(stop)
        ),
        Page::Stopped(_) | Page::NoLongerGood => String::new(),
    };
    document(language, stop, &format!("<main>\n<p>{}</p>\n{form}</main>\n", Escaped(&text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mail_and_page_escape_what_people_write() {
        let page = show(Language::En, &Page::Asks("<b onload='x'>A&\"B\"</b>"));
        assert!(page.contains("of &lt;b onload=&#39;x&#39;&gt;A&amp;&quot;B&quot;&lt;/b&gt;?"), "{page}");
        assert!(page.contains("<form method=\"post\">"));
        assert!(!show(Language::De, &Page::NoLongerGood).contains("<form"));
        assert!(show(Language::De, &Page::Stopped("Acme")).contains("lang=\"de\""));
    }
}
