//! Install scripts that are protected and not watched.

use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, UdpSocket},
    os::unix::{fs::PermissionsExt, net::UnixListener, process::CommandExt},
    path::PathBuf,
    process::Output,
    thread,
};

use sandbox::{Launcher, Protection, State, protected};

use super::launchers;

/// A home with a secret, a project and a cache.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["home/.ssh", "home/project", "home/cache", "home/other"] {
            fs::create_dir_all(folder.path().join(name)).expect("made");
        }
        fs::write(folder.path().join("home/.ssh/id"), "key").expect("written");
        fs::write(folder.path().join("home/other/notes"), "notes").expect("written");
        let place = Self { folder };
        for name in ["", "home", "home/.ssh", "home/project", "home/cache", "home/other"] {
            fs::set_permissions(place.path(name), fs::Permissions::from_mode(0o777)).expect("opened");
        }
        place
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn run(&self, launcher: &Launcher, port: Option<u16>, script: &str) -> Output {
        let mut protection = Protection {
            writable: vec![self.path("home/project"), self.path("home/cache")],
            port,
            ..Protection::default()
        };
        protection.hide_secrets(&self.path("home"));
        let mut command = protected(launcher, &protection, "bash", ["-c", script]);
        if let Some(user) = launcher.user {
            command.uid(user).gid(user);
        }
        command.current_dir(self.path("home/project")).output().expect("it starts")
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn it_writes_where_it_may_and_sees_no_secrets() {
    for launcher in launchers() {
        let place = Place::new();
        let script = "echo one > inside; echo two > ../cache/inside; cat ../other/notes; \
            echo three > ../other/outside; cat ../.ssh/id; ls ../.ssh; cat ../project/../.ssh/id; exit 7";
        let output = place.run(&launcher, None, script);
        assert_eq!(output.status.code(), Some(7), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "notes");
        assert!(place.path("home/project/inside").exists() && place.path("home/cache/inside").exists());
        assert!(!place.path("home/other/outside").exists());
    }
}

#[test]
fn it_reaches_the_port_of_the_guard_and_nothing_else() {
    let guard = TcpListener::bind("127.0.0.1:0").expect("bound");
    let other = TcpListener::bind("127.0.0.1:0").expect("bound");
    let datagrams = UdpSocket::bind("127.0.0.1:0").expect("bound");
    let ports = [guard.local_addr(), other.local_addr(), datagrams.local_addr()].map(|one| one.expect("bound").port());
    thread::spawn(move || {
        for mut stream in guard.incoming().flatten() {
            let mut line = [0; 5];
            if stream.read_exact(&mut line).is_ok() {
                let _ = stream.write_all(b"welcome\n");
            }
        }
    });
    datagrams.set_nonblocking(true).expect("set");
    for launcher in launchers() {
        let place = Place::new();
        let [port, other, datagram] = ports;
        let script = format!(
            "exec 3<>/dev/tcp/127.0.0.1/{port}; echo hello >&3; cat <&3; \
             (exec 4<>/dev/tcp/127.0.0.1/{other}) && echo other; (echo x > /dev/udp/127.0.0.1/{datagram}); true"
        );
        let output = place.run(&launcher, Some(port), &script);
        assert_eq!(text(&output.stdout), "welcome\n", "{}", text(&output.stderr));
        assert!(datagrams.recv(&mut [0; 8]).is_err(), "no datagram came out");
    }
}

#[test]
fn sockets_of_agents_are_out_of_reach_and_nothing_runs_on() {
    for launcher in launchers() {
        let place = Place::new();
        let path = place.path("home/project/agent");
        let _agent = UnixListener::bind(&path).expect("bound");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o777)).expect("opened");
        let script = "perl -MSocket -e 'socket(my $s, AF_UNIX, SOCK_STREAM, 0) and connect($s, sockaddr_un(\"agent\")) \
            and print \"reached\"'; (sleep 300; echo late > late) & unshare -U true && echo namespace; echo end";
        let output = place.run(&launcher, None, script);
        assert_eq!(text(&output.stdout), "end\n", "{}", text(&output.stderr));
    }
}

#[test]
fn the_walls_of_protection_are_told() {
    for launcher in launchers() {
        let walls = sandbox::protection_layers(&launcher);
        assert_eq!(walls.len(), 3);
        for wall in walls {
            assert_eq!(wall.state, State::Standing, "{}", wall.name);
        }
    }
}
