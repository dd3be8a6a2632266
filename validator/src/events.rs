//! Server-sent events out of the bytes of an answer, bounded.
//!
//! As the format has it: lines end with LF or CR LF, an empty line ends an event, `data` lines of one event are put together, and what
//! begins with a colon is a comment, by which a miner keeps a connection open. Unlike a browser's parser this one refuses what is no UTF-8.

/// Longest event that is taken, in bytes: the first of an answer has every token of the prompt.
pub(crate) const MAX_EVENT: usize = 1024 * 1024;

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Event {
    /// Its name, if it has one.
    pub name: Option<String>,
    /// Its data; lines are put together with LF.
    pub data: String,
}

/// What is no stream of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotEvents {
    /// An event does not end.
    #[error("an event is longer than {MAX_EVENT} bytes")]
    TooLong,
    /// A line is no text.
    #[error("the stream is not UTF-8")]
    NotText,
}

/// Cuts bytes into events as they come.
#[derive(Debug, Default)]
pub(crate) struct Events {
    buffer: Vec<u8>,
    /// Bytes at the beginning of the buffer that are read.
    read: usize,
    /// Bytes of the event that is being read, comments not counted.
    length: usize,
    /// Bytes from the beginning of the stream that were read, and up to the end of the last whole event.
    taken: usize,
    settled: usize,
    event: Option<Event>,
}

impl Events {
    /// The events of a whole stream, and how many bytes behind them end no event.
    pub(crate) fn of(stream: &[u8]) -> Result<(Vec<Event>, usize), NotEvents> {
        let mut events = Self::default();
        events.push(stream);
        let mut all = Vec::new();
        while let Some(event) = events.next()? {
            all.push(event);
        }
        Ok((all, events.pending()))
    }

    /// Takes the next bytes.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.read);
        self.read = 0;
        self.buffer.extend_from_slice(bytes);
    }

    /// The next event that is whole.
    pub(crate) fn next(&mut self) -> Result<Option<Event>, NotEvents> {
        loop {
            let rest = &self.buffer[self.read..];
            let Some(end) = rest.iter().position(|byte| *byte == b'\n') else {
                let is_long = self.length + rest.len() > MAX_EVENT;
                return if is_long { Err(NotEvents::TooLong) } else { Ok(None) };
            };
            let line = std::str::from_utf8(&rest[..end]).map_err(|_| NotEvents::NotText)?;
            let line = line.strip_suffix('\r').unwrap_or(line);
            self.read += end + 1;
            self.taken += end + 1;
            if line.is_empty() {
                (self.length, self.settled) = (0, self.taken);
                match self.event.take() {
                    // As in browsers: without data it is no event.
                    Some(event) if !event.data.is_empty() => return Ok(Some(event)),
                    _ => continue,
                }
            }
            if line.starts_with(':') {
                continue;
            }
            self.length += end + 1;
            if self.length > MAX_EVENT {
                return Err(NotEvents::TooLong);
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            let event = self.event.get_or_insert_with(Event::default);
            match field {
                "data" if event.data.is_empty() => value.clone_into(&mut event.data),
                "data" => {
                    event.data.push('\n');
                    event.data.push_str(value);
                }
                "event" => event.name = Some(value.to_owned()),
                _ => {}
            }
        }
    }

    /// Bytes from the beginning of the stream to the end of the last whole event.
    pub(crate) fn settled(&self) -> usize {
        self.settled
    }

    /// Bytes behind the last whole event that are more than comments and empty lines.
    pub(crate) fn pending(&self) -> usize {
        self.length + self.buffer.len() - self.read
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(name: Option<&str>, data: &str) -> Event {
        Event {
            name: name.map(str::to_owned),
            data: data.into(),
        }
    }

    #[test]
    fn events_are_the_same_however_the_bytes_are_cut() {
        let stream = ": hello\r\n\r\ndata: {\"a\":\ndata: 1}\r\n\r\n:\n\nid: 7\n\ndata:é\n\nevent: laurel-receipt\ndata: ff\n\ndata: half";
        let expected = [
            event(None, "{\"a\":\n1}"),
            event(None, "é"),
            event(Some("laurel-receipt"), "ff"),
        ];
        for size in [1, 2, 3, 7, 1_000] {
            let mut events = Events::default();
            let mut all = Vec::new();
            for piece in stream.as_bytes().chunks(size) {
                events.push(piece);
                while let Some(event) = events.next().unwrap() {
                    all.push(event);
                }
            }
            assert_eq!(all, expected, "{size}");
            assert_eq!(events.pending(), "data: half".len());
        }
        assert_eq!(Events::of(b"data: x\n\n: still here\n\n").unwrap().1, 0);
        let mut events = Events::default();
        events.push(b"data: x\n\ndata: y\n: z\n");
        while events.next().unwrap().is_some() {}
        assert_eq!(events.settled(), "data: x\n\n".len());
    }

    #[test]
    fn what_is_no_text_and_what_does_not_end_is_refused() {
        assert_eq!(Events::of(b"data: \xff\n\n"), Err(NotEvents::NotText));
        let mut endless = Events::default();
        let line = vec![b'a'; MAX_EVENT / 2];
        endless.push(&line);
        assert_eq!(endless.next(), Ok(None));
        endless.push(b"\ndata: b\n");
        assert_eq!(endless.next(), Ok(None));
        endless.push(&line);
        assert_eq!(endless.next(), Err(NotEvents::TooLong));
    }
}
