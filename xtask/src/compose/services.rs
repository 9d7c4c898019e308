//! How each image's service is started as a process: the program that stands for what is in the image.

use super::{Stack, file, image};
use crate::http::Client;
use crate::start::postgres::User;
use crate::stop::Stop;
use crate::{debian, places, process};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The image of the server, before its colon.
const FLOWBIT: &str = "flowbit";
/// That of the screen.
const SCREEN: &str = "flowbit-support-tickets";
const POSTGRES: &str = "postgres";
const N8N: &str = "n8nio/n8n";

/// The screen's configuration, and what in it is true in its image alone.
const NGINX: &str = include_str!("../../../deploy/nginx.conf");

/// How it is seen whether a service is healthy.
pub(super) enum Check {
    /// This command succeeds.
    Succeeds(Box<dyn Fn() -> Command>),
    /// A GET of this address is answered with 200.
    Answers(String),
}

impl Check {
    pub(super) fn passes(&self) -> bool {
        match self {
            Self::Succeeds(command) => process::output(&mut command()).is_ok(),
            Self::Answers(url) => Client::new(url.clone()).status("") == Some(200),
        }
    }
}

fn base(image: &str) -> &str {
    image.rsplit_once(':').map_or(image, |(base, _tag)| base)
}

impl Stack {
    /// The command of that service, with its environment and no other.
    pub(super) fn command(&self, name: &str, stop: &Stop) -> Result<Command> {
        let service = self.service(name)?;
        match base(&service.image) {
            FLOWBIT => self.flowbit(name, service),
            SCREEN => self.nginx(name, stop),
            POSTGRES => self.postgres(name, service, stop),
            N8N => self.n8n(name, service),
            other => bail!("{name}: nothing here stands for the image {other}"),
        }
    }

    /// As its image or the service itself says.
    pub(super) fn healthcheck(&self, name: &str, stop: &Stop) -> Result<Check> {
        let service = self.service(name)?;
        let last = |test: &[String]| {
            let url = test.last().with_context(|| format!("{name} has no health check"))?;
            Ok::<_, anyhow::Error>(self.wiring.translate(name, service, url))
        };
        Ok(match base(&service.image) {
            FLOWBIT => {
                let image = image::read("deploy/flowbit.Dockerfile")?;
                let program = self.program(&image.healthcheck)?;
                let environment = self.environment(name, service, &image);
                let arguments = image.healthcheck[1..].to_vec();
                Check::Succeeds(Box::new(move || {
                    let mut command = Command::new(&program);
                    command.args(&arguments).env_clear().envs(environment.clone());
                    command
                }))
            }
            SCREEN => Check::Answers(last(&image::read("deploy/remote.Dockerfile")?.healthcheck)?),
            // Its own check also asks whether it is process 1, which nothing is here.
            POSTGRES => {
                let program = debian::ensure("pg_isready", "postgresql", stop)?;
                let socket = self.wiring.root(name).join("run/postgresql");
                Check::Succeeds(Box::new(move || {
                    let mut command = Command::new(&program);
                    command.arg("--quiet").arg("--host").arg(&socket);
                    command
                }))
            }
            _ => Check::Answers(last(service.healthcheck.as_ref().map_or(&[], |it| &it.test))?),
        })
    }

    /// What is in the image, then what is in the file, all of it as it has to be here.
    fn environment(
        &self,
        name: &str,
        service: &file::Service,
        image: &image::Image,
    ) -> Vec<(String, String)> {
        let of_image = image.environment.iter().map(|(variable, value)| (variable.clone(), value.clone()));
        let of_file = service.environment.iter();
        let of_file = of_file.map(|(variable, value)| (variable.clone(), value.clone().unwrap_or_default()));
        of_image
            .chain(of_file)
            .map(|(key, value)| (key, self.wiring.translate(name, service, &value)))
            .collect()
    }

    /// The program that stands for the first word of a command in our image.
    fn program(&self, words: &[String]) -> Result<PathBuf> {
        match words.first().map(String::as_str) {
            Some("/bin/flowbit") => Ok(self.programs.flowbit.clone()),
            Some("/bin/flowbit-connect") => Ok(self.programs.connect.clone()),
            other => bail!("our image holds no {other:?}"),
        }
    }

    fn flowbit(&self, name: &str, service: &file::Service) -> Result<Command> {
        let image = image::read("deploy/flowbit.Dockerfile")?;
        let entrypoint = service.entrypoint.as_ref().unwrap_or(&image.entrypoint);
        let words = service.command.as_ref().unwrap_or(&image.command);
        let mut command = Command::new(self.program(entrypoint)?);
        command
            .args(entrypoint[1..].iter().chain(words))
            .current_dir("/")
            .env_clear()
            .envs(self.environment(name, service, &image));
        Ok(command)
    }

    /// nginx with the file that is in the image, at this machine's addresses.
    fn nginx(&self, name: &str, stop: &Stop) -> Result<Command> {
        let nginx = debian::ensure("nginx", "nginx-light", stop)?;
        let service = self.service(name)?;
        let port = service.ports.first().context("the screen's port is not published")?.target;
        let here = self.wiring.translate(name, service, &port.to_string());
        let temporary = self.wiring.root(name).join("tmp").display().to_string();
        let mut text = NGINX.replace(" /tmp/", &format!(" {temporary}/"));
        for (there, here) in [
            (format!("listen {port};"), format!("listen 127.0.0.1:{here};")),
            ("root /srv/screen;".to_owned(), format!("root {};", self.programs.screen.display())),
        ] {
            if text.matches(&there).count() != 1 {
                bail!("deploy/nginx.conf is not what this expects of it: {there:?} is not in it once");
            }
            text = text.replace(&there, &here);
        }
        let file = self.folder.join("nginx.conf");
        places::write_private(&file, text.as_bytes())?;
        let mut command = Command::new(nginx);
        command.arg("-e").arg("stderr").arg("-c").arg(&file).args(["-g", "daemon off;"]).env_clear();
        Ok(command)
    }

    /// A cluster made as the image's own script makes it: this password, these arguments.
    fn postgres(&self, name: &str, service: &file::Service, stop: &Stop) -> Result<Command> {
        let user = User::find()?;
        let root = self.wiring.root(name);
        let (data, socket) = (root.join("var/lib/postgresql/data"), root.join("run/postgresql"));
        for folder in [&data, &socket] {
            User::own(user, &folder.canonicalize()?)?;
        }
        let setting = |variable: &str| {
            let value = service.environment.get(variable).cloned().flatten();
            value.with_context(|| format!("{name} has no {variable}"))
        };
        let secret = socket.join("password");
        places::write_private(&secret, setting("POSTGRES_PASSWORD")?.as_bytes())?;
        User::own(user, &secret)?;
        let mut initdb = User::command(user, &debian::ensure("initdb", "postgresql", stop)?);
        initdb
            .arg("--pgdata")
            .arg(&data)
            .arg("--pwfile")
            .arg(&secret)
            .arg("--username=postgres")
            .arg("--no-sync");
        initdb.args(setting("POSTGRES_INITDB_ARGS")?.split_whitespace()).current_dir(&socket);
        let log = self.folder.join("initdb.log");
        process::run_logged(&mut initdb, &log, stop, |_| {})
            .with_context(|| format!("initdb:\n{}", process::tail(&log, 15)))?;
        std::fs::remove_file(&secret).context("cannot remove a password's file")?;

        let words = service.command.as_deref().unwrap_or_default();
        let [program, arguments @ ..] = words else { bail!("{name} has no command") };
        let mut command = User::command(user, &debian::ensure(program, "postgresql", stop)?);
        command.args(arguments).arg("-D").arg(&data).current_dir(&socket).env("LC_ALL", "C.UTF-8");
        command.arg("-c").arg(format!("unix_socket_directories={}", socket.display()));
        Ok(command)
    }

    /// Our script, with an n8n in PATH as in its image.
    fn n8n(&self, name: &str, service: &file::Service) -> Result<Command> {
        use std::os::unix::fs::PermissionsExt;
        let folder = self.folder.join("bin");
        places::private_folder(&folder)?;
        let script = folder.join("n8n");
        places::write_private(&script, self.programs.n8n.script()?.as_bytes())?;
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o700))
            .with_context(|| format!("cannot make {} a program", script.display()))?;

        let words = service.entrypoint.as_deref().unwrap_or_default();
        let [tini, dashes, shell, script] = words else { bail!("{name} starts otherwise than this expects") };
        if (tini.as_str(), dashes.as_str()) != ("tini", "--") {
            bail!("{name} starts with {tini} {dashes}, not with tini --");
        }
        let here = self.wiring.translate(name, service, script);
        let mut command = Command::new(shell);
        command
            .arg(here)
            .current_dir(self.wiring.root(name))
            .env_clear()
            .env("PATH", path_with(&folder)?)
            .env("HOME", self.wiring.root(name))
            // In a container nobody else has this port.
            .env("N8N_RUNNERS_BROKER_PORT", places::free_port()?.to_string())
            .envs(self.environment(name, service, &image::Image::default()));
        Ok(command)
    }
}

fn path_with(first: &Path) -> Result<std::ffi::OsString> {
    let folders = [first, Path::new("/usr/local/bin"), Path::new("/usr/bin"), Path::new("/bin")];
    std::env::join_paths(folders).context("PATH cannot be made")
}
