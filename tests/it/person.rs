//! A person at a terminal: a process on a pseudo-terminal of its own, its screen, and keys for it.

use std::io::{Read, Write};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// How long a screen is waited for; long, for the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(30);

/// Somebody who sees what stands on the screen and types.
pub(crate) struct Person {
    screen: vt100::Parser,
    raw: Vec<u8>,
    bytes: Receiver<Vec<u8>>,
    keys: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    _master: Box<dyn MasterPty + Send>,
}

impl Person {
    /// Starts `command` on a terminal of that many columns.
    pub(crate) fn sits_down(mut command: CommandBuilder, columns: u16) -> Self {
        let rows = 50;
        let size = PtySize {
            rows,
            cols: columns,
            ..PtySize::default()
        };
        let pty = native_pty_system().openpty(size).unwrap();
        command.env("TERM", "xterm-256color");
        let child = pty.slave.spawn_command(command).unwrap();
        drop(pty.slave);
        let mut reader = pty.master.try_clone_reader().unwrap();
        let keys = pty.master.take_writer().unwrap();
        let (send, bytes) = mpsc::channel();
        std::thread::spawn(move || {
            let mut some = [0; 4096];
            while let Ok(count @ 1..) = reader.read(&mut some) {
                if send.send(some[..count].to_vec()).is_err() {
                    break;
                }
            }
        });
        Self {
            screen: vt100::Parser::new(rows.try_into().unwrap(), columns.try_into().unwrap(), 0),
            raw: Vec::new(),
            bytes,
            keys,
            child,
            _master: pty.master,
        }
    }

    /// Waits until `words` stand on the screen, wherever its lines are broken.
    pub(crate) fn sees(&mut self, words: &str) {
        let end = Instant::now() + PATIENCE;
        while !self.shows(words) {
            let left = end.saturating_duration_since(Instant::now());
            match self.bytes.recv_timeout(left) {
                Ok(bytes) => {
                    self.screen.process(&bytes);
                    self.raw.extend(bytes);
                }
                Err(why) => panic!("{why}: {words:?} in:\n{}", self.screen.screen().contents()),
            }
        }
    }

    fn shows(&self, words: &str) -> bool {
        let solid = |text: &str| text.split_whitespace().collect::<String>();
        solid(&self.screen.screen().contents()).contains(&solid(words))
    }

    /// Types these keys.
    pub(crate) fn types(&mut self, keys: &str) {
        self.keys.write_all(keys.as_bytes()).unwrap();
        self.keys.flush().unwrap();
    }

    /// Waits for a question, then types an answer and Enter.
    pub(crate) fn answers(&mut self, question: &str, answer: &str) {
        self.sees(question);
        self.types(answer);
        self.types("\r");
    }

    /// Waits for the end of the process: its exit code, and everything that it ever sent.
    pub(crate) fn leaves(mut self) -> (u32, String) {
        let code = self.child.wait().unwrap().exit_code();
        while let Ok(bytes) = self.bytes.recv_timeout(Duration::from_millis(200)) {
            self.raw.extend(bytes);
        }
        (code, String::from_utf8(self.raw).unwrap())
    }
}
