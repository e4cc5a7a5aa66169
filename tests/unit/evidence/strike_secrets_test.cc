// SPDX-License-Identifier: MIT
#include "evidence/strike_secrets.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace lastgood {
namespace {

struct Row {
  std::string text;
  std::string struck;
};

TEST(StrikeSecretsTest, SecretsAreStruckByWhatStandsAroundThem) {
  const std::vector<Row> rows = {
      // URLs and proxies.
      {"https://ann:s3cret@host/fw.bin", "https://***@host/fw.bin"},
      {"https://s3crettoken@host/fw.bin", "https://***@host/fw.bin"},
      {"http://ann:p@ss@proxy:3128", "http://***@proxy:3128"},
      {"cannot reach proxy ann:s3cret@proxy:3128", "cannot reach proxy ***@proxy:3128"},
      {"http_proxy=http://ann:s3cret@proxy:3128/", "http_proxy=http://***@proxy:3128/"},
      // Queries.
      {"https://h/f?token=s3cret&x=1", "https://h/f?token=***&x=1"},
      {"https://h/f?x=1&access_token=s3cret#top", "https://h/f?x=1&access_token=***#top"},
      {"https://h/f?X-Amz-Signature=s3cret&X-Amz-Credential=s3cret",
       "https://h/f?X-Amz-Signature=***&X-Amz-Credential=***"},
      {"https://h/f?X-Amz-Security-Token=s3cret", "https://h/f?X-Amz-Security-Token=***"},
      {"https://h/f?sv=2020&sig=s3cret%3D", "https://h/f?sv=2020&sig=***"},
      {"https://h/f?X-Goog-Signature=s3cret", "https://h/f?X-Goog-Signature=***"},
      {"https://h/f?key=s3cret", "https://h/f?key=***"},
      {"https://h/f?api-key=s3cret", "https://h/f?api-key=***"},
      {"\"https://h/f?pw=s3cret\"", "\"https://h/f?pw=***\""},
      {"https://h/f?auth=s3cret, and more", "https://h/f?auth=*** and more"},
      // Names and values.
      {"password = \"s3cret\"", "password = \"***\""},
      {"wifi_password: s3c#&,ret", "wifi_password: ***"},
      {"{\"password\": \"s3cret\", \"ssid\": \"home\"}",
       "{\"password\": \"***\", \"ssid\": \"home\"}"},
      {"PASS = 's3cret'", "PASS = '***'"},
      {"psk=\"s3 cret\"", "psk=\"***\""},
      {"wpa_passphrase=s3cret", "wpa_passphrase=***"},
      {"GITHUB_TOKEN=s3cret lastgood", "GITHUB_TOKEN=*** lastgood"},
      {"api_key: 's3\\'cret'", "api_key: '***'"},
      {"password=b's3cret'", "password=b'***'"},
      {"webrepl.start(password='s3cret')", "webrepl.start(password='***')"},
      {"New password (4-9 chars): s3cret\r\nConfirm password: s3cret\r\n",
       "New password (4-9 chars): ***\r\nConfirm password: ***\r\n"},
      {"Password: s3cret", "Password: ***"},
      // Headers.
      {"Authorization: Basic czNjcmV0\r\nHost: h", "Authorization: ***\r\nHost: h"},
      {"proxy-authorization: s3cret", "proxy-authorization: ***"},
      {"Set-Cookie: id=s3cret; Path=/", "Set-Cookie: ***"},
      {"Cookie: s3cret", "Cookie: ***"},
      {"sent 'Bearer s3cret.s3cret'", "sent 'Bearer ***'"},
      // What a console is told.
      {"wlan.connect(\"home\",\"s3cret\")", "wlan.connect(\"home\",\"***\")"},
      {"wlan.connect('home', 's3,cret')", "wlan.connect('home', '***')"},
      {"code = \"wlan.connect(\\\"home\\\", \\\"s3cret\\\")\"",
       "code = \"wlan.connect(\\\"home\\\", \\\"***\\\")\""},
      {"WiFi.begin(\"home\", \"s3cret\");", "WiFi.begin(\"home\", \"***\");"},
      {"AT+CWJAP=\"home\",\"s3cret\"\r\n", "AT+CWJAP=\"home\",\"***\"\r\n"},
      {"AT+CWJAP_DEF=\"home\",\"s3cret\"", "AT+CWJAP_DEF=\"home\",\"***\""},
      {"AT+CWSAP=\"mine\",\"s3cret\",5,3", "AT+CWSAP=\"mine\",\"***\",5,3"},
      {"+CWSAP:\"mine\",\"s3cret\",5,3", "+CWSAP:\"mine\",\"***\",5,3"},
      {"AT+MQTTUSERCFG=0,1,\"id\",\"ann\",\"s3cret\"", "AT+MQTTUSERCFG=0,1,\"id\",\"***\",\"***\""},
      {"-----BEGIN RSA PRIVATE KEY-----\ns3cret\n-----END RSA PRIVATE KEY-----",
       "-----BEGIN RSA PRIVATE KEY-----***-----END RSA PRIVATE KEY-----"},
      // Over several lines, without a text in front, with names, with brackets and commas within.
      {">>> wlan.connect(\r\n...   'home',\r\n...   's3cret')\r\n",
       ">>> wlan.connect(\r\n...   'home',\r\n...   '***')\r\n"},
      {"wlan.connect(SSID, 's3cret')", "wlan.connect(SSID, '***')"},
      {"wlan.connect(cfg.get('a', 'b'), 's3cret')", "wlan.connect(cfg.get('a', 'b'), '***')"},
      {"wlan.connect('a),b', b's3cret')", "wlan.connect('a),b', b'***')"},
      {"wlan.connect(key='s3cret', ssid=x)", "wlan.connect(key='***', ssid=x)"},
      {"ap.config(essid='mine', key = \"s3cret\", authmode=3)",
       "ap.config(essid='mine', key = \"***\", authmode=3)"},
      {"WiFi.begin(ssid, \"s3cret\");", "WiFi.begin(ssid, \"***\");"},
      {"WiFi.softAP(\"mine\", \"s3cret\", 1);", "WiFi.softAP(\"mine\", \"***\", 1);"},
      {"wifiMulti.addAP(\"home\",\"s3cret\");", "wifiMulti.addAP(\"home\",\"***\");"},
      {"MQTTClient(\"id\", \"host\", 1883, \"ann\", \"s3cret\")",
       "MQTTClient(\"id\", \"host\", 1883, \"***\", \"***\")"},
      {"+CWSAP_CUR:\"mine\",\"s3cret\",5,3", "+CWSAP_CUR:\"mine\",\"***\",5,3"},
      {"AT+MQTTPASSWORD=0,\"s3cret\"", "AT+MQTTPASSWORD=***,\"***\""},
      {"password = '''s3\ncret'''", "password = '''***'''"},
      {"WIFI_KEY = \"s3cret\"", "WIFI_KEY = \"***\""},
      {"wep_key0=s3cret password_2=s3cret", "wep_key0=*** password_2=***"},
      {"password := s3cret", "password := ***"},
      {"<password>s3 cret</password>", "<password>***</password>"},
      {"{\"Authorization\": \"token s3cret\"}", "{\"Authorization\": \"***\"}"},
      // Words of a program that a recipe names.
      {"run = [\"curl\", \"-u\", \"ann:s3cret\", \"x\"]",
       "run = [\"curl\", \"-u\", \"***\", \"x\"]"},
      {"curl --proxy-user ann:s3cret x", "curl --proxy-user *** x"},
      {"[\"--password\", \"s3cret\"]", "[\"--password\", \"***\"]"},
      // A URL in another's query.
      {"http://portal/?to=https%3A%2F%2Fann%3As3cret%40h%2F&x",
       "http://portal/?to=https%3A%2F%2F***%40h%2F&x"},
      {"http://portal/?to=%3Fa%26token%3ds3cret%26x", "http://portal/?to=%3Fa%26token%3d***%26x"},
      // Cut in the middle.
      {"wlan.connect(\"home\",\"s3cr", "wlan.connect(\"home\",\"***"},
      {"password = \"s3cr\nnext", "password = \"***\nnext"},
  };
  for (const Row& row : rows) {
    EXPECT_EQ(StrikeSecrets(row.text), row.struck);
    EXPECT_EQ(StrikeSecrets(row.struck), row.struck) << "twice";
  }
}

TEST(StrikeSecretsTest, OtherTextsStayAsTheyAre) {
  for (const std::string text :
       {"",
        "https://micropython.org/resources/firmware/ESP8266_GENERIC-20240105-v1.22.1.bin",
        "https://h/f?version=1&size=2",
        "sha256 = \"f727607f\"",
        "monkey = 3",
        "keyboard: us",
        "38 of 157 sectors differ, 156 KB written at 460800, MD5 matches",
        "if password == x",
        "18:fe:34:ab:cd:ef",
        "ets Jan  8 2013,rst cause:2, boot mode:(3,6)",
        "mail ann@example.org",
        "no password is needed",
        "run -u root -- x",
        "--password --verbose",
        "100 %",
        "%7b%zz",
        "client.connect((\"host\", 80))",
        "wlan.config(\"mac\")",
        "basic tests",
        "compass: north",
        "rf_cal[0] !=0x05,is 0xFF",
        "wlan.connect()"})
    EXPECT_EQ(StrikeSecrets(text), text);
}

TEST(StrikeSecretsTest, ASecretMayBeSpreadOverLines) {
  const std::vector<std::string> lines = {"wlan.connect(",
                                          "  'home',",
                                          "  's3cret')",
                                          "",
                                          "-----BEGIN PRIVATE KEY-----",
                                          "s3cret",
                                          "s3cret",
                                          "-----END PRIVATE KEY-----",
                                          "and on"};
  const std::vector<std::string> struck = {"wlan.connect(",
                                           "  'home',",
                                           "  '***')",
                                           "",
                                           "-----BEGIN PRIVATE KEY-----",
                                           "***",
                                           "***",
                                           "-----END PRIVATE KEY-----",
                                           "and on"};
  EXPECT_EQ(StrikeSecrets(lines), struck);
}

TEST(StrikeSecretsTest, MaskingKeepsEveryOctetsPlace) {
  std::string text = "x y wlan.connect(\"home\",\"s3cret\")\n";
  text[1] = '\0';
  const std::string before = text;
  MaskSecrets(text);
  EXPECT_EQ(text.size(), before.size());
  EXPECT_EQ(text.find("s3cret"), text.npos);
  EXPECT_NE(text.find("\"******\")\n"), text.npos);
}

// Whatever a line carries, the search ends soon and stays within the text.
TEST(StrikeSecretsTest, NoiseTakesNoLongTime) {
  for (const std::string& piece :
       {std::string("@"), std::string("?token="), std::string("\\\""), std::string("connect("),
        std::string("password:"), std::string("psk='''"), std::string("%40%3a"), std::string("\\"),
        std::string(" --token "), std::string("<psk>"), std::string("\xC0\xDB\xDC:@")}) {
    std::string text;
    while (text.size() < 24 * 1024) text += piece;
    std::size_t end = 0;
    for (const SecretSpan& span : FindSecrets(text)) {
      EXPECT_GE(span.begin, end);
      EXPECT_GT(span.end, span.begin);
      EXPECT_LE(span.end, text.size());
      end = span.end;
    }
  }
}

}  // namespace
}  // namespace lastgood
