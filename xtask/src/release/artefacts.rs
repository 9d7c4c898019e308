//! What people get of a release: the packed program, what is in it, what all of it hashes to, the images.

use super::{Builder, changelog, git, version::Version};
use crate::stop::Stop;
use crate::test::tool;
use crate::{console, places, process, web};
use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The programs, each of a package.
const PROGRAMS: [(&str, &str); 2] = [("flowbit", "flowbit-server"), ("flowbit-connect", "flowbit-connect")];
/// What lies beside them in the archive.
const PAPERS: [&str; 2] = ["LICENSE", "README.md"];
/// The images: name, Dockerfile, the screen that it holds.
const IMAGES: [(&str, &str, Option<&str>); 2] = [
    ("flowbit", "deploy/flowbit.Dockerfile", None),
    ("flowbit-support-tickets", "deploy/remote.Dockerfile", Some("support-tickets")),
];

/// Makes everything but the images, in a new folder, which it gives.
pub(super) fn make(version: &Version, stop: &Stop) -> Result<PathBuf> {
    web::build(stop)?;
    let target = process::output(Command::new("rustc").args(["--print", "host-tuple"]))?;
    let built = build_programs(&target, stop)?;
    let folder = places::target()?.join("release-artefacts").join(version.to_string());
    if folder.exists() {
        std::fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }
    let name = format!("flowbit-{version}-{target}");
    let inner = folder.join(&name);
    std::fs::create_dir_all(&inner).with_context(|| format!("cannot make {}", inner.display()))?;
    let papers = PAPERS.map(|paper| places::root().join(paper));
    for file in PROGRAMS.map(|(program, _)| built.join(program)).iter().chain(&papers) {
        let to = inner.join(file.file_name().unwrap_or_default());
        std::fs::copy(file, &to).with_context(|| format!("cannot copy {}", file.display()))?;
    }
    pack(&folder, &name)?;
    std::fs::write(folder.join("CHANGES.md"), changelog::read(version)?).context("the changes")?;
    describe(&folder, version, stop)?;
    sum(&folder)?;
    Ok(folder)
}

/// Builds the programs so that the C library is in them, as `deploy/flowbit.Dockerfile` does. A target that is named
/// keeps this from what the compiler itself loads.
fn build_programs(target: &str, stop: &Stop) -> Result<PathBuf> {
    let mut command = places::cargo();
    command.args(["build", "--release", "--locked", "--target", target]);
    for (_, package) in PROGRAMS {
        command.args(["--package", package]);
    }
    process::run(command.env("RUSTFLAGS", "-C target-feature=+crt-static"), stop)
        .context("the programs do not build")?;
    let built = places::target()?.join(target).join("release");
    for (program, _) in PROGRAMS {
        check_static(&built.join(program))?;
    }
    Ok(built)
}

/// A program that names an interpreter wants a loader and libraries of whatever system it is put on.
fn check_static(program: &Path) -> Result<()> {
    let bytes = std::fs::read(program).with_context(|| format!("cannot read {}", program.display()))?;
    ensure!(bytes.starts_with(b"\x7fELF"), "{} is no program for Linux", program.display());
    ensure!(!names_interpreter(&bytes), "{} is not linked statically", program.display());
    Ok(())
}

/// Whether a 64-bit ELF file has a program header of type `PT_INTERP`.
fn names_interpreter(elf: &[u8]) -> bool {
    const INTERPRETER: [u8; 4] = 3_u32.to_le_bytes();
    let number = |at: usize, length: usize| -> usize {
        let bytes = elf.get(at..at + length).unwrap_or_default();
        bytes.iter().rev().fold(0, |sum, byte| (sum << 8) | usize::from(*byte))
    };
    let (headers, size, count) = (number(32, 8), number(54, 2), number(56, 2));
    (0..count).any(|n| elf.get(headers + n * size..).is_some_and(|header| header.starts_with(&INTERPRETER)))
}

/// An archive that is the same whoever packs it and whenever.
fn pack(folder: &Path, name: &str) -> Result<()> {
    let time = git(&["log", "-1", "--format=@%ct"])?;
    let mut command = Command::new("tar");
    command
        .args(["--create", "--gzip", "--sort=name", "--owner=0", "--group=0", "--numeric-owner"])
        .arg(format!("--mtime={time}"))
        .arg(format!("--file={name}.tar.gz"))
        .arg(name)
        .env("GZIP", "-n")
        .current_dir(folder);
    process::output(&mut command)?;
    std::fs::remove_dir_all(folder.join(name)).context("what was packed")
}

/// Two lists of components (CycloneDX): of the programs, and of the web side that is inside.
fn describe(folder: &Path, version: &Version, stop: &Stop) -> Result<()> {
    let cyclonedx = tool("cargo-cyclonedx", stop)?;
    let mut command = Command::new(cyclonedx);
    command
        .args(["cyclonedx", "--format", "json", "--quiet", "--override-filename", "flowbit-sbom"])
        .arg("--manifest-path")
        .arg(places::root().join("crates/server/Cargo.toml"))
        .current_dir(places::root());
    process::run(&mut command, stop).context("the programs' components")?;
    // It writes beside each manifest of the workspace.
    let mut found = None;
    for manifest in manifests()? {
        let made = manifest.with_file_name("flowbit-sbom.json");
        if manifest.ends_with("crates/server/Cargo.toml") {
            let to = folder.join(format!("flowbit-{version}.cdx.json"));
            std::fs::copy(&made, to).context("the programs' components")?;
            found = Some(());
        }
        if made.exists() {
            std::fs::remove_file(&made).with_context(|| format!("cannot remove {}", made.display()))?;
        }
    }
    found.context("the server has no manifest")?;
    let mut command = Command::new("npm");
    command.args(["sbom", "--sbom-format=cyclonedx", "--sbom-type=application"]).current_dir(places::root());
    let text = process::output(&mut command).context("the web side's components")?;
    std::fs::write(folder.join(format!("flowbit-web-{version}.cdx.json")), text + "\n")
        .context("the web side's components")
}

fn manifests() -> Result<Vec<PathBuf>> {
    let text = process::output(places::cargo().args(["metadata", "--format-version", "1", "--no-deps"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&text).context("cargo metadata is no JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata names no packages")?;
    Ok(packages.iter().filter_map(|package| package["manifest_path"].as_str()).map(PathBuf::from).collect())
}

/// `SHA256SUMS`, as `sha256sum --check` reads it.
fn sum(folder: &Path) -> Result<()> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)?.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| file.file_name().is_some_and(|name| name != "SHA256SUMS"));
    files.sort();
    let mut text = String::new();
    for file in files {
        let bytes = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        text.push_str(&format!("{}  {name}\n", hex::encode(Sha256::digest(bytes))));
    }
    std::fs::write(folder.join("SHA256SUMS"), text).context("cannot write SHA256SUMS")
}

/// Builds the images under this version, and puts each beside the rest as an archive.
pub(super) fn build_images(version: &Version, builder: Builder, folder: &Path, stop: &Stop) -> Result<()> {
    let program = match builder {
        Builder::None => return Ok(()),
        Builder::Docker => "docker",
        Builder::Buildah => "buildah",
    };
    if process::output(Command::new(program).arg("info")).is_err() {
        bail!("{program} cannot build images here; --images says what else does");
    }
    for (name, dockerfile, screen) in IMAGES {
        console::say(format!("Building the image {name}:{version} …"));
        let mut command = Command::new(program);
        command.args(["build", "--file", dockerfile, "--tag", &format!("{name}:{version}")]);
        if builder == Builder::Buildah {
            // Its usual format has no place for a health check.
            command.args(["--format", "docker"]);
        }
        if let Some(screen) = screen {
            command.args(["--build-arg", &format!("REMOTE={screen}")]);
        }
        process::run(command.arg(".").current_dir(places::root()), stop)?;
        let to = folder.join(format!("{name}-{version}-image.tar"));
        let mut command = Command::new(program);
        if builder == Builder::Docker {
            command.args(["save", "--output"]).arg(&to).arg(format!("{name}:{version}"));
        } else {
            let archive = format!("docker-archive:{}:{name}:{version}", to.display());
            command.args(["push", &format!("{name}:{version}"), &archive]);
        }
        process::run(&mut command, stop)?;
    }
    sum(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_wants_a_loader_is_seen() {
        // The tests themselves are linked as usual.
        let own = std::env::current_exe().unwrap();
        assert!(check_static(&own).unwrap_err().to_string().contains("not linked statically"));
        assert!(check_static(Path::new("/etc/passwd")).is_err());
        let mut elf = std::fs::read(own).unwrap();
        elf[56..58].fill(0);
        assert!(!names_interpreter(&elf), "without program headers there is none");
    }

    #[test]
    fn sums_are_what_sha256sum_checks() {
        let folder = std::env::temp_dir().join(format!("flowbit-sums-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("b"), "two").unwrap();
        std::fs::write(folder.join("a"), "one").unwrap();
        sum(&folder).unwrap();
        sum(&folder).unwrap();
        let check = |folder: &Path| {
            process::output(
                Command::new("sha256sum").args(["--check", "--strict", "SHA256SUMS"]).current_dir(folder),
            )
        };
        assert_eq!(check(&folder).unwrap(), "a: OK\nb: OK");
        std::fs::write(folder.join("a"), "other").unwrap();
        assert!(check(&folder).is_err());
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
