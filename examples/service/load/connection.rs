//! A connection that speaks as much HTTP as the load needs, and takes as little time for itself as possible.

use std::io;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

pub struct Connection {
    stream: TcpStream,
    host: String,
    buffer: Vec<u8>,
}

pub struct Request {
    pub method: &'static str,
    pub path: String,
    pub body: Vec<u8>,
}

pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

impl Connection {
    pub async fn open(address: &str) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: address.to_owned(), buffer: Vec::new() })
    }

    pub async fn ask(&mut self, request: &Request) -> io::Result<Answer> {
        let Request { method, path, body } = request;
        let (host, length) = (&self.host, body.len());
        let media_type = if path.ends_with("/import") { "application/x-ndjson" } else { "application/json" };
        let mut text = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: {media_type}\r\nContent-Length: {length}\r\n\r\n"
        )
        .into_bytes();
        text.extend_from_slice(body);
        self.stream.write_all(&text).await?;
        self.answer().await
    }

    async fn answer(&mut self) -> io::Result<Answer> {
        let head = loop {
            if let Some(end) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                break self.buffer.drain(..end + 4).collect::<Vec<u8>>();
            }
            self.read().await?;
        };
        let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
        let odd = || io::Error::other(format!("an answer that is not expected: {head}"));
        let status = head.get(9..12).and_then(|status| status.parse().ok()).ok_or_else(odd)?;
        let length = head.lines().find_map(|line| line.strip_prefix("content-length:")?.trim().parse().ok());
        let length: usize = match length {
            Some(length) => length,
            None if status == 204 || status == 304 => 0,
            None => return Err(odd()),
        };
        while self.buffer.len() < length {
            self.read().await?;
        }
        Ok(Answer { status, body: self.buffer.drain(..length).collect() })
    }

    async fn read(&mut self) -> io::Result<()> {
        match self.stream.read_buf(&mut self.buffer).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}
