// A client's TLS connection over a connected socket, by OpenSSL: its handshake costs a fraction of the server's, so
// that the server is what is measured. Certificates are not checked; sessions are not resumed.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace postern::bench {

class TlsConnection {
public:
    explicit TlsConnection(int socket); // hands hands; throws std::runtime_error; does not own the socket
    ~TlsConnection();                   // says close_notify, waits for nothing
    TlsConnection(TlsConnection const&) = delete;
    TlsConnection& operator=(TlsConnection const&) = delete;

    void write(std::string_view octets);
    std::size_t read(std::span<char> into); // zero at the end
    [[nodiscard]] std::string description() const;

private:
    void* ssl_;
};

} // namespace postern::bench
