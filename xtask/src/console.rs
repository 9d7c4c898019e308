//! Everything xtask says to a person goes through here: one place that prints, so that lines of several
//! threads never tear each other apart.

use std::io::{IsTerminal, Read, Write};
use std::time::Duration;

/// Writes one line to standard output. A closed pipe is no reason to leave children behind, so it is ignored.
pub(crate) fn say(line: impl AsRef<str>) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{}", line.as_ref());
    let _ = out.flush();
}

/// Writes what `from` still holds to standard output, as it is.
pub(crate) fn copy(from: &mut impl Read) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes)?;
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(&bytes);
    let _ = out.flush();
    Ok(())
}

/// Writes one line to standard error.
pub(crate) fn warn(line: impl AsRef<str>) {
    let _ = writeln!(std::io::stderr().lock(), "{}", paint("33", line.as_ref()));
}

/// A heading before a step that takes a while.
pub(crate) fn heading(text: &str) {
    say(format!("\n{}", bold(&format!("== {text}"))));
}

/// Bold on a terminal, plain elsewhere.
pub(crate) fn bold(text: &str) -> String {
    paint("1", text)
}

/// Green on a terminal.
pub(crate) fn green(text: &str) -> String {
    paint("32", text)
}

/// Red on a terminal.
pub(crate) fn red(text: &str) -> String {
    paint("31", text)
}

fn paint(code: &str, text: &str) -> String {
    if std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none() {
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    } else {
        text.to_owned()
    }
}

/// `0.4 s`, `12 s`, `3 min 05 s`: as exact as a person cares.
pub(crate) fn took(time: Duration) -> String {
    let seconds = time.as_secs();
    match seconds {
        0..=9 => format!("{:.1} s", time.as_secs_f64()),
        10..=59 => format!("{seconds} s"),
        _ => format!("{} min {:02} s", seconds / 60, seconds % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_like_speech() {
        assert_eq!(took(Duration::from_millis(420)), "0.4 s");
        assert_eq!(took(Duration::from_secs(12)), "12 s");
        assert_eq!(took(Duration::from_secs(185)), "3 min 05 s");
    }
}
