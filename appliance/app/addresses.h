// The addresses that are handed out to devices, as part of the daemon. A server of its own does that, which may do with
// the network what the daemon may not; it is told what to do by a file, and what it did is read from another:
//
//   DIR/dnsmasq.conf  what it is told; there as long as addresses are to be handed out
//   DIR/leases        what it handed out
//   DIR/refused       why it does not: a sentence; there as long as it does not
#pragma once

#include "dhcp/leases.h"
#include "office/office.h"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace postern::app {

namespace asio = boost::asio;

// The network thread; reads and writes small files on it.
class Addresses {
public:
    // `directory`: DIR, which is made. `changed` is called when leases are others. The office outlives
    // it.
    Addresses(office::Office& office, std::filesystem::path directory, std::function<void()> changed);

    // Says what is to be done, and reads what was.
    void begin();
    // Until the daemon stops.
    asio::awaitable<void> run(asio::any_io_executor executor);

    // What the server is told is made anew if need be.
    void settings_changed() { tell(); }
    void network_changed() { tell(); }

    [[nodiscard]] std::vector<dhcp::Lease> const& leases() const { return leases_; }
    // "no"; "192.168.1.100 to 192.168.1.199 on eth0"; "no: " or "as before: ", and why.
    [[nodiscard]] std::string const& status() const { return status_; }

private:
    void tell();
    void keep(std::string told);
    void look();

    office::Office& office_;
    std::filesystem::path directory_;
    std::function<void()> changed_;
    std::string told_;    // what the file has
    std::string plan_;    // the last one that could be made, in words
    std::string trouble_; // why there is none of what is wanted now
    std::string status_;
    std::vector<dhcp::Lease> leases_;
};

} // namespace postern::app
