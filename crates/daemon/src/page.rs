//! How files of a web page are served.
use axum::{
    http::{header, HeaderValue},
    response::Response,
};

/// With the headers of a page's files: what is looked at must be what was installed last, and tells nobody where the reader came from.
pub async fn as_page(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        // Not "keep nothing": by its date, a file that is the same is not sent again.
        (header::CACHE_CONTROL, "no-cache"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}
