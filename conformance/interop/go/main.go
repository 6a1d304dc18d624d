// Go's crypto/tls as a peer: go-peer SETTINGS. Prints JSON lines: {"port"} of a server that is ready, then one {"report"}
// per connection. Settings and reports are those of settings.ts.
package main

import (
	"bufio"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strings"
	"time"
)

// No connection takes longer, unless it hangs.
const deadline = 60 * time.Second

const hello = "hello from the peer\n"

type settings struct {
	Side              string  `json:"side"`
	Port              int     `json:"port"`
	Version           string  `json:"version"`
	Trust             *string `json:"trust"`
	ServerName        string  `json:"serverName"`
	Leaf              *struct{ Chain, Key string }
	ClientCertificate bool     `json:"clientCertificate"`
	Alpn              []string `json:"alpn"`
	Group             *string  `json:"group"`
	Tickets           bool     `json:"tickets"`
	Connections       int      `json:"connections"`
	Exchange          struct {
		Kind       string
		By         string
		ByteLength int
	} `json:"exchange"`
}

type digest struct {
	ByteLength int    `json:"byteLength"`
	Sha256     string `json:"sha256"`
}

type report struct {
	Error    *string `json:"error"`
	Version  string  `json:"version,omitempty"`
	Cipher   string  `json:"cipher,omitempty"`
	Reused   bool    `json:"reused"`
	Alpn     *string `json:"alpn"`
	Peer     *string `json:"peer"`
	Line     string  `json:"line,omitempty"`
	Received *digest `json:"received,omitempty"`
}

func say(value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(text))
}

func pattern(byteLength int) []byte {
	var lines strings.Builder
	for number := 0; number < byteLength/1024; number++ {
		fmt.Fprintf(&lines, "%08d %s\n", number, strings.Repeat("x", 1014))
	}
	return []byte(lines.String())
}

func digestOf(data []byte) *digest {
	sum := sha256.Sum256(data)
	return &digest{len(data), hex.EncodeToString(sum[:])}
}

var curves = map[string]tls.CurveID{"P-384": tls.CurveP384, "secp384r1": tls.CurveP384}

func configure(s settings) (*tls.Config, error) {
	versions := map[string]uint16{"1.2": tls.VersionTLS12, "1.3": tls.VersionTLS13}
	config := &tls.Config{
		MinVersion:             versions[s.Version],
		MaxVersion:             versions[s.Version],
		ServerName:             s.ServerName,
		NextProtos:             s.Alpn,
		SessionTicketsDisabled: !s.Tickets,
		ClientSessionCache:     tls.NewLRUClientSessionCache(4),
	}
	if s.Trust != nil {
		text, err := os.ReadFile(*s.Trust)
		if err != nil {
			return nil, err
		}
		pool := x509.NewCertPool()
		if !pool.AppendCertsFromPEM(text) {
			return nil, errors.New("no certificate in " + *s.Trust)
		}
		config.RootCAs, config.ClientCAs = pool, pool
	}
	if s.Leaf != nil {
		pair, err := tls.LoadX509KeyPair(s.Leaf.Chain, s.Leaf.Key)
		if err != nil {
			return nil, err
		}
		if s.Side == "server" {
			config.Certificates = []tls.Certificate{pair}
		} else {
			// Given whatever authorities the server names: a wrong certificate is to be sent, not held back.
			config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &pair, nil }
		}
	}
	if s.ClientCertificate && s.Side == "server" {
		config.ClientAuth = tls.RequireAndVerifyClientCert
	}
	if s.Group != nil {
		curve, known := curves[*s.Group]
		if !known {
			return nil, errors.New("no group " + *s.Group)
		}
		config.CurvePreferences = []tls.CurveID{curve}
	}
	return config, nil
}

// What is said over the connection; what came of it goes into the report.
func converse(connection *tls.Conn, s settings, r *report) error {
	reader := bufio.NewReader(connection)
	exchange := s.Exchange
	isClient := s.Side == "client"
	switch exchange.Kind {
	case "hello":
		if isClient {
			if _, err := io.WriteString(connection, hello); err != nil {
				return err
			}
		}
		line, err := reader.ReadString('\n')
		if err != nil {
			return err
		}
		r.Line = line
		if isClient {
			return connection.Close()
		}
		if _, err = io.WriteString(connection, hello); err != nil {
			return err
		}
	case "large":
		if isClient {
			if _, err := connection.Write(pattern(exchange.ByteLength)); err != nil {
				return err
			}
		}
		data := make([]byte, exchange.ByteLength)
		if _, err := io.ReadFull(reader, data); err != nil {
			return err
		}
		r.Received = digestOf(data)
		if isClient {
			return connection.Close()
		}
		if _, err := connection.Write(pattern(exchange.ByteLength)); err != nil {
			return err
		}
	case "half-close":
		if exchange.By == s.Side {
			if _, err := io.WriteString(connection, hello); err != nil {
				return err
			}
			if err := connection.CloseWrite(); err != nil {
				return err
			}
			data, err := io.ReadAll(reader)
			r.Received = digestOf(data)
			return err
		}
		line, err := io.ReadAll(reader)
		if err != nil {
			return err
		}
		r.Line = string(line)
		_, err = connection.Write(pattern(exchange.ByteLength))
		return err
	default:
		return errors.New("Go does not have " + exchange.Kind)
	}
	_, err := io.Copy(io.Discard, reader)
	return err
}

func serveOne(connection *tls.Conn, s settings) {
	r := report{}
	err := connection.SetDeadline(time.Now().Add(deadline))
	if err == nil {
		err = connection.Handshake()
	}
	if err == nil {
		state := connection.ConnectionState()
		r.Version = map[uint16]string{tls.VersionTLS12: "TLSv1.2", tls.VersionTLS13: "TLSv1.3"}[state.Version]
		r.Cipher = tls.CipherSuiteName(state.CipherSuite)
		r.Reused = state.DidResume
		if state.NegotiatedProtocol != "" {
			r.Alpn = &state.NegotiatedProtocol
		}
		if len(state.PeerCertificates) > 0 {
			r.Peer = &state.PeerCertificates[0].Subject.CommonName
		}
		err = converse(connection, s, &r)
	}
	// First the close_notify: who reads the report may end this process.
	connection.Close()
	if err != nil {
		text := err.Error()
		r.Error = &text
	}
	say(map[string]report{"report": r})
}

func run() error {
	var s settings
	if err := json.Unmarshal([]byte(os.Args[1]), &s); err != nil {
		return err
	}
	config, err := configure(s)
	if err != nil {
		return err
	}
	if s.Side == "client" {
		for number := 0; number < s.Connections; number++ {
			plain, err := net.DialTimeout("tcp", fmt.Sprintf("127.0.0.1:%d", s.Port), deadline)
			if err != nil {
				return err
			}
			serveOne(tls.Client(plain, config), s)
		}
		return nil
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	say(map[string]int{"port": listener.Addr().(*net.TCPAddr).Port})
	for number := 0; number < s.Connections; number++ {
		plain, err := listener.Accept()
		if err != nil {
			return err
		}
		serveOne(tls.Server(plain, config), s)
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
