//! Archives that somebody has made with care: what their manifest counts fits, and what they say does not.

use std::io::{Read, Write};

use serde_json::{Value, json};

use crate::{
    archive::{entry, furnish, rewrite, run_well},
    program::{Place, assert_refused},
};

/// An archive of acme, and where forged ones are refused.
struct Forgery {
    place: Place,
    target: Place,
}

impl Forgery {
    async fn new() -> Self {
        let (place, target) = (Place::new(), Place::new());
        furnish(&place, "acme", 2).await;
        run_well(&place, &["tenant", "export", "acme", "--out", "acme.zip"]);
        Self { place, target }
    }

    fn entry(&self, name: &str) -> String {
        String::from_utf8(entry(&self.place.path("acme.zip"), name)).unwrap()
    }

    /// Some files changed, and the manifest made to fit.
    fn forge(&self, change: impl Fn(&str, String) -> String, change_manifest: impl Fn(&mut Value)) {
        use sha2::Digest;
        let mut found = std::collections::BTreeMap::new();
        rewrite(&self.place.path("acme.zip"), &self.target.path("forged.zip"), |name, content| {
            let content = String::from_utf8(content).unwrap();
            if name != "manifest.json" {
                let content = change(name, content).into_bytes();
                let lines = content.iter().filter(|byte| **byte == b'\n').count();
                let digest = hex::encode(sha2::Sha256::digest(&content));
                found.insert(name.to_owned(), (lines, content.len(), digest));
                return content;
            }
            let mut manifest: Value = serde_json::from_str(&content).unwrap();
            for listed in manifest["entries"].as_array_mut().unwrap() {
                let (lines, bytes, digest) = &found[listed["path"].as_str().unwrap()];
                (listed["records"], listed["bytes"], listed["sha256"]) =
                    (json!(lines), json!(bytes), json!(digest));
            }
            change_manifest(&mut manifest);
            manifest.to_string().into_bytes()
        });
    }

    /// The archive with one file more.
    fn add(&self, name: &str, content: &[u8]) {
        rewrite(&self.place.path("acme.zip"), &self.target.path("forged.zip"), |_, content| content);
        let file = std::fs::OpenOptions::new().read(true).write(true).open(self.target.path("forged.zip"));
        let mut zip = zip::ZipWriter::new_append(file.unwrap()).unwrap();
        zip.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content).unwrap();
        zip.finish().unwrap();
    }

    #[track_caller]
    fn assert_refused(&self, words: &[&str]) {
        for arguments in
            [&["tenant", "import", "forged.zip", "--check"][..], &["tenant", "import", "forged.zip"]]
        {
            assert_refused(&self.target.run(arguments), 1, &[&["forged.zip"], words].concat());
        }
        assert_eq!(run_well(&self.target, &["tenant", "list", "--json"]).trim(), "[]");
    }
}

#[tokio::test]
async fn a_ledger_that_is_not_the_one_that_was_signed_is_refused() {
    let forgery = Forgery::new().await;
    let ledger = forgery.entry("ledger.ndjson");
    let lines: Vec<&str> = ledger.lines().collect();
    let shorter: String = lines[..lines.len() - 1].iter().map(|line| format!("{line}\n")).collect();
    let last: Value = serde_json::from_str(lines[lines.len() - 2]).unwrap();
    let cut = |name: &str, content: String| if name == "ledger.ndjson" { shorter.clone() } else { content };
    // Its tail cut off.
    forgery.forge(cut, |_| {});
    forgery.assert_refused(&["ledger.ndjson", "does not end where the manifest says"]);
    // And the manifest says so as well.
    let end =
        |manifest: &mut Value| manifest["ledger"] = json!({ "size": lines.len() - 1, "head": last["hash"] });
    forgery.forge(cut, end);
    forgery.assert_refused(&["checkpoint.json", "not of the ledger that the manifest names"]);
    // And the checkpoint, which only the server can sign.
    let signed = |name: &str, content: String| {
        if name != "checkpoint.json" {
            return cut(name, content);
        }
        let mut checkpoint: Value = serde_json::from_str(&content).unwrap();
        (checkpoint["size"], checkpoint["head"]) = (json!(lines.len() - 1), last["hash"].clone());
        format!("{checkpoint}\n")
    };
    forgery.forge(signed, end);
    forgery.assert_refused(&["checkpoint.json", "signature is not of what it says"]);
    // Somebody else's key under the name of this server's.
    let renamed = |name: &str, content: String| {
        if name != "checkpoint.json" {
            return content;
        }
        let mut checkpoint: Value = serde_json::from_str(&content).unwrap();
        checkpoint["keyId"] = json!("another");
        format!("{checkpoint}\n")
    };
    forgery.forge(renamed, |_| {});
    forgery.assert_refused(&["checkpoint.json", "key is not the one that it names"]);
    // Another company's.
    let id = serde_json::from_str::<Value>(lines[0]).unwrap()["customerId"].as_str().unwrap().to_owned();
    let other = "00000000-0000-7000-8000-000000000001";
    let theirs = |name: &str, content: String| {
        if name == "ledger.ndjson" { content.replace(&id, other) } else { content }
    };
    forgery.forge(theirs, |_| {});
    forgery.assert_refused(&["ledger.ndjson, line 1", "of another company"]);
    // The whole of it, under another id: the checkpoint still says whose it was.
    forgery.forge(theirs, |manifest| manifest["tenant"]["id"] = json!(other));
    forgery.assert_refused(&["checkpoint.json", "not of the ledger that the manifest names"]);
}

#[tokio::test]
async fn a_manifest_that_would_break_the_company_is_refused() {
    let forgery = Forgery::new().await;
    let same = |_: &str, content: String| content;
    for last in [json!(0), json!(1), json!(-1), json!(i64::MAX), json!(1_i64 << 53)] {
        forgery.forge(same, |manifest| manifest["lastNumber"] = last.clone());
        forgery.assert_refused(&["manifest.json", &format!("lastNumber is {last}")]);
    }
    for (field, value, told) in [
        ("slug", json!("../other"), "slug: "),
        ("name", json!("a\nb"), "name: "),
        ("locale", json!("xx"), "locale: "),
        ("accentColor", json!("red;}body{display:none"), "accentColor: "),
        ("id", json!("../../control"), "id"),
        ("createdAt", json!("yesterday"), "RFC 3339"),
    ] {
        forgery.forge(same, |manifest| manifest["tenant"][field] = value.clone());
        forgery.assert_refused(&[told]);
    }
    // One that says nothing wrong is taken.
    forgery.forge(same, |_| {});
    run_well(&forgery.target, &["tenant", "import", "forged.zip", "--check"]);
    run_well(&forgery.target, &["tenant", "import", "forged.zip"]);
}

#[tokio::test]
async fn what_the_manifest_does_not_list_is_refused() {
    let forgery = Forgery::new().await;
    for name in ["../../slipped.txt", "/slipped.txt", "tables/robots.ndjson", "files/a.pdf"] {
        forgery.add(name, b"{}\n");
        forgery.assert_refused(&["not in its manifest"]);
        assert!(!forgery.target.path("../../slipped.txt").exists());
    }
    forgery.add("files/0198c0de-1234-7abc-8def-0123456789ab", b"{}\n");
    forgery.assert_refused(&["no line in contents is about"]);
    // What was attached is as long as its line says, and has its hash.
    for spoil in ["x", ""] {
        let spoiled = |name: &str, content: String| {
            if name.starts_with("files/") { format!("{}{spoil}", &content[1..]) } else { content }
        };
        forgery.forge(spoiled, |_| {});
        forgery.assert_refused(&["files/", "not what its line in contents says"]);
    }
    // The same name twice: what one program reads is not what another does.
    forgery.add("tables/userz.ndjson", b"{}\n");
    let mut bytes = std::fs::read(forgery.target.path("forged.zip")).unwrap();
    let (other, name) = (b"tables/userz.ndjson", b"tables/users.ndjson");
    for at in 0..bytes.len() - other.len() {
        if bytes[at..].starts_with(other) {
            bytes[at..at + name.len()].copy_from_slice(name);
        }
    }
    std::fs::write(forgery.target.path("forged.zip"), bytes).unwrap();
    forgery.assert_refused(&["two files of one name"]);
    // A whole one, but for a line without its end.
    let endless = |name: &str, content: String| {
        if name == "tables/users.ndjson" { content.trim_end().to_owned() } else { content }
    };
    forgery.forge(endless, |_| {});
    forgery.assert_refused(&["tables/users.ndjson, line 2", "no end"]);
}

/// A small file that unpacks to a large one is not read to its end.
#[tokio::test]
async fn what_unpacks_to_more_than_it_says_is_refused() {
    let forgery = Forgery::new().await;
    let large = "\n".repeat(40 << 20);
    for (name, told) in [
        ("checkpoint.json", "longer than the manifest says"),
        ("ledger.ndjson", "line 1"),
        ("tables/users.ndjson", "line 1"),
    ] {
        let honest = std::cell::RefCell::new(Value::Null);
        let swell = |of: &str, content: String| if of == name { large.clone() } else { content };
        let keep = |manifest: &mut Value| {
            let mut original: Value = serde_json::from_str(&forgery.entry("manifest.json")).unwrap();
            *honest.borrow_mut() = manifest["entries"].take();
            manifest["entries"] = original["entries"].take();
        };
        forgery.forge(swell, keep);
        let mut packed = Vec::new();
        std::fs::File::open(forgery.target.path("forged.zip")).unwrap().read_to_end(&mut packed).unwrap();
        assert!(packed.len() < 1 << 20, "{} bytes", packed.len());
        forgery.assert_refused(&[name, told]);
        // And where the manifest says how large it is.
        forgery.forge(swell, |manifest| manifest["entries"] = honest.borrow().clone());
        forgery.assert_refused(&[name]);
    }
    let line = |of: &str, content: String| {
        if of == "tables/users.ndjson" { format!("\"{}\"\n", "x".repeat(17 << 20)) } else { content }
    };
    forgery.forge(line, |_| {});
    forgery.assert_refused(&["tables/users.ndjson, line 1", "longer than 16 MiB"]);
}
