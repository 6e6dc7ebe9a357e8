// Whether the box does what it is there for, tried as its clients would do it, at its own ports and with nothing of the
// internet: a new version of the firmware stays if it passes.
//
// One message goes the way of all mail, into an account that is there for it alone (store::passing_account): only the
// test knows its address and its password, nobody is shown it, and whatever interrupts the test, it is gone with all
// that is in it once the daemon starts again. What remains are the lines of a message that came, in log and journal.
#pragma once

#include "app/box_certificate.h"
#include "control/daemon.h"
#include "net/dialer.h"
#include "office/office.h"

#include <boost/asio/awaitable.hpp>

#include <expected>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace postern::app {

namespace asio = boost::asio;

// The network thread.
class SelfTest {
public:
    struct Box {
        std::string address;                                           // where it is reached from within
        std::function<std::vector<control::ServiceStatus>()> services; // and at which ports
        BoxCertificate const& certificate;
        std::filesystem::path store_file;
    };

    // Office, dialer and certificate outlive it.
    SelfTest(office::Office& office, net::Dialer& dialer, Box box)
        : office_(office), dialer_(dialer), box_(std::move(box)) {}

    // Every step has its turn, whatever became of those before it. The error is a sentence: one test at a time.
    asio::awaitable<std::expected<std::vector<control::SelfTestStep>, std::string>> run();

private:
    office::Office& office_;
    net::Dialer& dialer_;
    Box box_;
    bool running_ = false;
};

} // namespace postern::app
