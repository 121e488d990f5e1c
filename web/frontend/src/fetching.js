// Fetches a page of this server as a document. The browser parses it: no HTML is made of strings, which Trusted Types refuse.

/** Fetch { address, body?, signal? }; gives { page, status }. An abort and a lost connection are rejected with a name. */
export function fetchPage({ address, body, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(body ? "POST" : "GET", address);
    request.responseType = "document";
    request.setRequestHeader("Accept", "text/html");
    request.onload = () =>
      request.response ? resolve({ page: request.response, status: request.status }) : reject(new DOMException("", "NetworkError"));
    request.onerror = () => reject(new DOMException("", "NetworkError"));
    request.onabort = () => reject(new DOMException("", "AbortError"));
    signal?.addEventListener("abort", () => request.abort());
    request.send(body);
  });
}
