//! A server that takes a bounded number of connections and drops those that only keep their place.
use axum::{serve::Listener, Router};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use std::{
    future::Future,
    io,
    pin::{pin, Pin},
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Sleep},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// How long nothing may be read or written. Longer than any request lives, and than any answer takes to begin.
const IDLE: Duration = Duration::from_secs(300);
/// How long a request's headers may take, from the connection's beginning or the end of the last answer. Longer than validators keep a
/// connection that they do not use, so that none is closed just as it is used again.
const HEADERS: Duration = Duration::from_secs(60);

/// Accepts while there is room; further connections wait in the system's backlog.
pub struct BoundedListener {
    inner: TcpListener,
    room: Arc<Semaphore>,
    idle: Duration,
    stall: Duration,
    headers: Duration,
}

impl BoundedListener {
    /// At most so many connections at one time, each of which ends when for 300 s nothing is read or written, or for 60 s no request's
    /// headers come to their end.
    pub fn new(inner: TcpListener, connections: usize) -> Self {
        // The semaphore has a limit of its own, far above what a system has sockets for.
        let room = Arc::new(Semaphore::new(connections.clamp(1, Semaphore::MAX_PERMITS)));
        Self {
            inner,
            room,
            idle: IDLE,
            stall: IDLE,
            headers: HEADERS,
        }
    }

    /// The same, where a connection may be quiet for `idle`, and the other side may refuse to take what is there for `stall`.
    pub fn with_patience(self, idle: Duration, stall: Duration) -> Self {
        Self { idle, stall, ..self }
    }

    async fn accept(&mut self) -> Connection {
        let permit = self
            .room
            .clone()
            .acquire_owned()
            .await
            .expect("the semaphore is never closed; qed");
        let (stream, _) = Listener::accept(&mut self.inner).await;
        // Small streamed pieces should leave at once; a socket that refuses the option works all the same.
        let _ = stream.set_nodelay(true);
        Connection {
            stream,
            reading: Quiet::new(self.idle),
            writing: Quiet::new(self.stall),
            _permit: permit,
        }
    }

    /// Serves HTTP/1.1 until `stop`, then ends what is begun. `axum::serve` does the same, but waits for headers for ever.
    pub async fn serve(mut self, routes: Router, stop: impl Future<Output = ()>) {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new()).header_read_timeout(self.headers);
        let (stopping, under_way) = (CancellationToken::new(), TaskTracker::new());
        let mut stop = pin!(stop);
        loop {
            let connection = tokio::select! {
                connection = self.accept() => connection,
                () = &mut stop => break,
            };
            let routes = TowerToHyperService::new(routes.clone());
            let conversation = http.serve_connection(TokioIo::new(connection), routes);
            under_way.spawn(until_stopped(conversation, stopping.clone()));
        }
        // Whoever connects from now on is refused, and need not wait.
        drop(self);
        stopping.cancel();
        under_way.close();
        under_way.wait().await;
    }
}

type Conversation = http1::Connection<TokioIo<Connection>, TowerToHyperService<Router>>;

/// Answers what is asked on a connection, and after `stopping` nothing that is not begun by then.
async fn until_stopped(conversation: Conversation, stopping: CancellationToken) {
    let mut conversation = pin!(conversation);
    // How a connection ends is the other side's affair.
    tokio::select! {
        _ = conversation.as_mut() => return,
        () = stopping.cancelled() => conversation.as_mut().graceful_shutdown(),
    }
    let _ = conversation.await;
}

/// A connection that ends itself when nothing moves.
struct Connection {
    stream: TcpStream,
    reading: Quiet,
    writing: Quiet,
    _permit: OwnedSemaphorePermit,
}

/// How long one direction has been quiet.
struct Quiet {
    patience: Duration,
    until: Pin<Box<Sleep>>,
    /// Whether somebody waits for this direction.
    is_waiting: bool,
}

impl Quiet {
    fn new(patience: Duration) -> Self {
        Self {
            patience,
            until: Box::pin(tokio::time::sleep(patience)),
            is_waiting: false,
        }
    }

    /// The time runs anew.
    fn moved(&mut self) {
        self.is_waiting = false;
        self.until.as_mut().reset(Instant::now() + self.patience);
    }

    /// What the socket says, or an error if it has said nothing for too long.
    fn unless_over<T>(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<T>>) -> Poll<io::Result<T>> {
        if poll.is_ready() {
            self.moved();
            return poll;
        }
        if !self.is_waiting {
            self.moved();
            self.is_waiting = true;
        }
        self.until
            .as_mut()
            .poll(cx)
            .map(|()| Err(io::ErrorKind::TimedOut.into()))
    }
}

impl Connection {
    /// Of both directions one is enough: whoever takes an answer need not say anything.
    fn read(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<()>>) -> Poll<io::Result<()>> {
        self.reading.unless_over(cx, poll)
    }

    fn wrote(&mut self, cx: &mut Context<'_>, poll: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        if poll.is_ready() {
            // Still waiting for what is read, but not since before this.
            let patience = self.reading.patience;
            self.reading.until.as_mut().reset(Instant::now() + patience);
        }
        self.writing.unless_over(cx, poll)
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let poll = Pin::new(&mut self.stream).poll_read(cx, buf);
        self.read(cx, poll)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote(cx, poll)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let poll = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(cx, poll)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{routing::get, Router};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        sync::Notify,
        time::timeout,
    };

    #[tokio::test]
    async fn whoever_takes_nothing_of_an_answer_loses_the_connection_and_its_place() {
        let inner = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = inner.local_addr().unwrap();
        let listener =
            BoundedListener::new(inner, 1).with_patience(Duration::from_secs(600), Duration::from_millis(200));
        // More than a socket holds.
        let routes = Router::new()
            .route("/large", get(|| async { vec![0u8; 64 << 20] }))
            .route("/small", get(|| async { "taken" }));
        tokio::spawn(listener.serve(routes, std::future::pending()));
        let mut slow = TcpStream::connect(address).await.unwrap();
        slow.write_all(b"GET /large HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let mut other = TcpStream::connect(address).await.unwrap();
        let request = b"GET /small HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";
        other.write_all(request).await.unwrap();
        let mut said = String::new();
        let reading = timeout(Duration::from_secs(60), other.read_to_string(&mut said));
        reading.await.expect("the place becomes free").unwrap();
        assert!(said.ends_with("taken"), "{said}");
    }

    #[tokio::test]
    async fn whoever_does_not_end_the_headers_loses_the_connection() {
        let inner = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = inner.local_addr().unwrap();
        let mut listener = BoundedListener::new(inner, 1);
        listener.headers = Duration::from_millis(200);
        let routes = Router::new().route("/", get(|| async { "taken" }));
        tokio::spawn(listener.serve(routes, std::future::pending()));
        for begun in ["", "GET / HTTP/1.1\r\nhost: x\r\nx-slow: "] {
            let mut slow = TcpStream::connect(address).await.unwrap();
            slow.write_all(begun.as_bytes()).await.unwrap();
            let mut said = Vec::new();
            let reading = timeout(Duration::from_secs(60), slow.read_to_end(&mut said));
            assert!(matches!(reading.await.expect("it is hung up on"), Ok(0)), "{said:?}");
        }
    }

    #[tokio::test]
    async fn what_is_begun_when_it_stops_is_answered_and_nobody_else_is() {
        let inner = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = inner.local_addr().unwrap();
        let (begun, go_on, stop) = (
            Arc::new(Notify::new()),
            Arc::new(Notify::new()),
            CancellationToken::new(),
        );
        let (heard, waited) = (begun.clone(), go_on.clone());
        let slowly = move || async move {
            heard.notify_one();
            waited.notified().await;
            "answered"
        };
        let listener = BoundedListener::new(inner, 8);
        let routes = Router::new().route("/", get(slowly));
        let serving = tokio::spawn(listener.serve(routes, stop.clone().cancelled_owned()));
        let _idle = TcpStream::connect(address).await.unwrap();
        let mut asking = TcpStream::connect(address).await.unwrap();
        asking.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        begun.notified().await;
        stop.cancel();
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
        go_on.notify_one();
        let mut said = String::new();
        let reading = timeout(Duration::from_secs(60), asking.read_to_string(&mut said));
        reading.await.expect("it is answered").unwrap();
        assert!(said.ends_with("answered"), "{said}");
        timeout(Duration::from_secs(60), serving)
            .await
            .expect("all have ended")
            .unwrap();
    }
}
