#include "smtp/trace.h"

#include <CppUTest/TestHarness.h>

using namespace postern;
using namespace postern::smtp;

namespace {

message::DateTime const date{std::chrono::sys_days{std::chrono::January / 5 / 2026} + std::chrono::hours{9},
                             std::chrono::minutes{60}};

// The word after "with".
std::string protocol(Trace trace) {
    trace.hello = "a.example";
    trace.peer_address = "192.0.2.1";
    trace.host_name = "b.example";
    trace.date = date;
    auto const field = received_field(trace);
    auto const begin = field.find(" with ") + 6;
    return field.substr(begin, field.find_first_of(" \r", begin) - begin);
}

} // namespace

TEST_GROUP(SmtpTrace){};

TEST(SmtpTrace, received_is_a_time_stamp_line) {
    STRCMP_EQUAL("Received: from laptop.local ([IPv6:fd00::5])\r\n"
                 "\tby mail.office.lan with ESMTPSA (TLSv1.3 TLS_AES_128_GCM_SHA256)\r\n"
                 "\tid abc123\r\n"
                 "\tfor <bob@example.com>;\r\n"
                 "\tMon, 5 Jan 2026 10:00:00 +0100\r\n",
                 received_field({.hello = "laptop.local",
                                 .peer_address = "fd00::5",
                                 .host_name = "mail.office.lan",
                                 .tls = "TLSv1.3 TLS_AES_128_GCM_SHA256",
                                 .extended = true,
                                 .authenticated = true,
                                 .smtputf8 = false,
                                 .id = "abc123",
                                 .recipient = "bob@example.com",
                                 .date = date})
                     .c_str());
}

// RFC 3848, RFC 6531 §4.3
TEST(SmtpTrace, the_protocol_says_what_was_used) {
    STRCMP_EQUAL("SMTP", protocol({.extended = false}).c_str());
    STRCMP_EQUAL("ESMTP", protocol({}).c_str());
    STRCMP_EQUAL("ESMTPS", protocol({.tls = "x"}).c_str());
    STRCMP_EQUAL("ESMTPA", protocol({.authenticated = true}).c_str());
    STRCMP_EQUAL("ESMTPSA", protocol({.tls = "x", .authenticated = true}).c_str());
    STRCMP_EQUAL("UTF8SMTP", protocol({.smtputf8 = true}).c_str());
    STRCMP_EQUAL("UTF8SMTPSA", protocol({.tls = "x", .authenticated = true, .smtputf8 = true}).c_str());
}

TEST(SmtpTrace, return_path) {
    STRCMP_EQUAL("Return-Path: <a@b.example>\r\n", return_path_field("a@b.example").c_str());
    STRCMP_EQUAL("Return-Path: <>\r\n", return_path_field("").c_str());
}

// RFC 6409 §8
TEST(SmtpTrace, date_and_message_id_are_added_where_they_are_missing) {
    auto const added = [](std::string_view header) {
        return missing_fields(message::HeaderSection(header), date, "id", "mail.office.lan");
    };
    STRCMP_EQUAL("Date: Mon, 5 Jan 2026 10:00:00 +0100\r\nMessage-ID: <id@mail.office.lan>\r\n",
                 added("Subject: x\r\n\r\n").c_str());
    STRCMP_EQUAL("Message-ID: <id@mail.office.lan>\r\n", added("DATE: whenever\r\n\r\n").c_str());
    STRCMP_EQUAL("", added("Message-Id: <a@b>\r\nDate: now\r\n\r\n").c_str());
}
