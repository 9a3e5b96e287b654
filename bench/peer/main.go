// The Go server that `bench/agent` compares with: net/http and the standard library alone, the same two answers.
//
// Usage: peer PORT SECRET JTI. SECRET is the key of the tokens (HS256); JTI names the one session that there is.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"log"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"
)

type health struct {
	Status        string `json:"status"`
	UptimeSeconds int64  `json:"uptime_seconds"`
	Version       string `json:"version"`
}

type streamStatus struct {
	Active        bool    `json:"active"`
	BitrateKbps   int     `json:"bitrate_kbps"`
	BytesSent     int64   `json:"bytes_sent"`
	FPS           int     `json:"fps"`
	Quality       *string `json:"quality"`
	Resolution    *string `json:"resolution"`
	StreamName    string  `json:"stream_name"`
	UptimeSeconds int64   `json:"uptime_seconds"`
	Viewers       int     `json:"viewers"`
}

type claims struct {
	JTI string `json:"jti"`
	Exp int64  `json:"exp"`
}

type server struct {
	secret   []byte
	started  time.Time
	mutex    sync.RWMutex
	sessions map[string]bool
}

func answer(w http.ResponseWriter, value any) {
	body, err := json.Marshal(value)
	if err != nil {
		http.Error(w, "internal", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Write(body)
}

// signedIn checks the token: its algorithm, its signature, its end, and that its session wasn't revoked.
func (s *server) signedIn(r *http.Request) bool {
	field := r.Header.Get("Authorization")
	if !strings.HasPrefix(field, "Bearer ") {
		return false
	}
	token := field[len("Bearer "):]
	dot := strings.LastIndexByte(token, '.')
	first := strings.IndexByte(token, '.')
	if first < 0 || dot == first {
		return false
	}
	header, err := base64.RawURLEncoding.DecodeString(token[:first])
	if err != nil {
		return false
	}
	var kind struct {
		Alg string `json:"alg"`
	}
	if json.Unmarshal(header, &kind) != nil || kind.Alg != "HS256" {
		return false
	}
	signature, err := base64.RawURLEncoding.DecodeString(token[dot+1:])
	if err != nil {
		return false
	}
	mac := hmac.New(sha256.New, s.secret)
	mac.Write([]byte(token[:dot]))
	if !hmac.Equal(mac.Sum(nil), signature) {
		return false
	}
	payload, err := base64.RawURLEncoding.DecodeString(token[first+1 : dot])
	if err != nil {
		return false
	}
	var c claims
	if json.Unmarshal(payload, &c) != nil || c.Exp <= time.Now().Unix() {
		return false
	}
	s.mutex.RLock()
	defer s.mutex.RUnlock()
	return s.sessions[c.JTI]
}

func main() {
	if len(os.Args) != 4 {
		log.Fatal("usage: peer PORT SECRET JTI")
	}
	s := &server{secret: []byte(os.Args[2]), started: time.Now(), sessions: map[string]bool{os.Args[3]: true}}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/health", func(w http.ResponseWriter, r *http.Request) {
		answer(w, health{"ok", int64(time.Since(s.started).Seconds()), "3.1"})
	})
	mux.HandleFunc("/api/stream/status", func(w http.ResponseWriter, r *http.Request) {
		if !s.signedIn(r) {
			http.Error(w, "unauthorized", http.StatusUnauthorized)
			return
		}
		answer(w, streamStatus{StreamName: "stream"})
	})
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal((&http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}).Serve(listener))
}
