// The yardstick: net/http with one route, no telemetry.
package main

import (
	"encoding/json"
	"log"
	"net/http"
	"os"
)

type item struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	CreatedAt   string `json:"created_at"`
	UpdatedAt   string `json:"updated_at"`
}

func main() {
	var only item
	if err := json.Unmarshal([]byte(os.Getenv("ITEM")), &only); err != nil {
		log.Fatal(err)
	}
	items := map[string]item{only.ID: only}

	http.HandleFunc("GET /v1/items/{id}", func(w http.ResponseWriter, r *http.Request) {
		found, ok := items[r.PathValue("id")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		if err := json.NewEncoder(w).Encode(found); err != nil {
			log.Print(err)
		}
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Getenv("PORT"), nil))
}
