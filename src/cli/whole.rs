//! Work that is not broken off: whoever asks the program to end while files are replaced is heard when all of
//! them are.

/// Does `work`; a signal that would end the program does so once it is done.
#[cfg(unix)]
pub(super) fn whole<T>(work: impl FnOnce() -> T) -> T {
    use std::sync::atomic::Ordering;

    let (is_idle, asked) = HEARD.get_or_init(hear);
    is_idle.store(false, Ordering::SeqCst);
    let done = work();
    is_idle.store(true, Ordering::SeqCst);
    if let Ok(signal @ 1..) = i32::try_from(asked.load(Ordering::SeqCst)) {
        // Of a signal that is known to the system it does not come back.
        let _ended = signal_hook::low_level::emulate_default_handler(signal);
    }
    done
}

/// Does `work`; nothing but the end of the machine breaks it off here.
#[cfg(not(unix))]
pub(super) fn whole<T>(work: impl FnOnce() -> T) -> T {
    work()
}

/// Whether a signal may end the program as ever, and the last one that came.
#[cfg(unix)]
type Heard = (
    std::sync::Arc<std::sync::atomic::AtomicBool>,
    std::sync::Arc<std::sync::atomic::AtomicUsize>,
);

/// Signals are the whole program's.
#[cfg(unix)]
static HEARD: std::sync::OnceLock<Heard> = std::sync::OnceLock::new();

#[cfg(unix)]
fn hear() -> Heard {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    use signal_hook::flag;

    let heard = Heard::default();
    for signal in [SIGHUP, SIGINT, SIGTERM] {
        let number = usize::try_from(signal).unwrap_or_default();
        // Unheard, it ends the program at once, and the next run brings the change to its end.
        let _heard = flag::register_conditional_default(signal, heard.0.clone())
            .and_then(|_| flag::register_usize(signal, heard.1.clone(), number));
    }
    heard
}
