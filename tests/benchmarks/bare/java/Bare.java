package io.github.platform.myservice;

import java.util.Map;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** The yardstick: Spring Boot with one route on virtual threads, no telemetry. */
@RestController
@SpringBootApplication
public class Bare {

  record Item(String id, String name, String description, String created_at, String updated_at) {}

  private final Item only = JsonMapper.builder().build().readValue(System.getenv("ITEM"), Item.class);
  private final Map<String, Item> items = Map.of(only.id(), only);

  @GetMapping("/v1/items/{id}")
  ResponseEntity<Item> item(@PathVariable String id) {
    return ResponseEntity.ofNullable(items.get(id));
  }

  public static void main(String[] arguments) {
    SpringApplication.run(Bare.class, arguments);
  }
}
